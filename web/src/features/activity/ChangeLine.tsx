/** One change in words: who, what, from what to what; and the way back where there is one. */

import { Alert, Button, Group, Text, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

import type { Change } from "./change";
import { showAgo, showInstant } from "@/format/dates";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import classes from "./ChangeLine.module.css";
import { aboutOf, type Difference, differencesOf } from "./difference";
import type { Naming } from "./naming";
import { laterChanges, useRevert } from "./reverting";

const words = texts.activity;

type Props = {
  change: Change;
  naming: Naming;
  mayRevert: boolean;
  /** The task that it happened to, where that is not plain from the place. */
  subject?: ReactNode;
};

export function ChangeLine({ change, naming, mayRevert, subject }: Props) {
  const revert = useRevert();
  const differences = differencesOf(change, naming);
  const about = differences.length === 0 ? aboutOf(change) : null;
  return (
    <li className={classes.line}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <div className={classes.told}>
          <Text size="sm" component="span">
            <Text span fw={600} size="sm">
              {naming.person(change.actor_id)}
            </Text>{" "}
            {words.kind(change.kind)} {subject}
          </Text>{" "}
          <Tooltip label={showInstant(change.at)}>
            <Text size="xs" c="dimmed" component="time" dateTime={change.at}>
              {showAgo(change.at)}
            </Text>
          </Tooltip>
          {about !== null && (
            <Text size="sm" c="dimmed" lineClamp={2}>
              {about}
            </Text>
          )}
          {differences.map((difference) => (
            <Changed key={difference.field} difference={difference} />
          ))}
        </div>
        {mayRevert && (
          <Button
            size="compact-xs"
            mih={24}
            variant="subtle"
            style={{ flexShrink: 0 }}
            loading={revert.isPending}
            onClick={() => revert.mutate(change.id)}
          >
            {words.undoThis}
          </Button>
        )}
      </Group>
      {revert.error !== null && <Refused error={revert.error} naming={naming} />}
    </li>
  );
}

function Changed({ difference: { field, from, to, isLong } }: { difference: Difference }) {
  if (!isLong) {
    // Each by itself: a text that is written from the right must not change places with the other.
    return (
      <Text size="sm">
        {words.changed(field)} <bdi>{from}</bdi> → <bdi>{to}</bdi>
      </Text>
    );
  }
  return (
    <details>
      <Text size="sm" component="summary">
        {words.showText(field)}
      </Text>
      <Text size="sm" c="dimmed" td="line-through" style={{ whiteSpace: "pre-wrap" }}>
        {from}
      </Text>
      <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
        {to}
      </Text>
    </details>
  );
}

function Refused({ error, naming }: { error: Error; naming: Naming }) {
  return (
    <Alert color="red" role="alert" p="xs" mt={4}>
      {messageOf(error)}
      {laterChanges(error).map((later) => (
        <Text key={later.id} size="sm">
          {words.later(naming.person(later.actor_id), showInstant(later.at))}
        </Text>
      ))}
    </Alert>
  );
}
