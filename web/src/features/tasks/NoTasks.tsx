/** Where a view has no tasks: why, and the way to make one, or to see those that a filter hides. */

import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { may, useProjectParts } from "@/features/projects/queries";
import { texts } from "@/texts";
import { Empty } from "@/ui/Empty";

import { openQuickAdd } from "./quick/opening";

type Props = {
  project: string;
  /** What it says where no filter hides anything. */
  text: string;
  /** What the button is called. */
  create: string;
  isLine?: boolean;
};

export function NoTasks({ project, text, create, isLine }: Props) {
  const { filter } = useSearch({ from: "/signed-in/projects/$project" });
  const parts = useProjectParts(project);
  const navigate = useNavigate();
  if (filter !== undefined) {
    const showAll = () => void navigate({ to: ".", search: (before) => ({ ...before, filter: undefined }) });
    return (
      <Empty text={texts.list.empty} isLine={isLine}>
        <Button variant="default" onClick={showAll}>
          {texts.list.showAll}
        </Button>
      </Empty>
    );
  }
  return (
    <Empty text={text} isLine={isLine}>
      {may(parts.project, "editor") && (
        <Button variant="default" onClick={() => openQuickAdd({ project })}>
          {create}
        </Button>
      )}
    </Empty>
  );
}
