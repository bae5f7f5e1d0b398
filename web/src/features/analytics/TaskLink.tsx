/** A task's key, which opens its panel beside the report. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

export function TaskLink({ task, title }: { task: string; title?: string }) {
  return (
    <Anchor renderRoot={(props) => <Link {...props} to="." search={(before) => ({ ...before, task })} />} size="sm">
      {title === undefined ? task : `${task} ${title}`}
    </Anchor>
  );
}
