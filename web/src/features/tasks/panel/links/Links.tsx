/** How this task stands to others: what it blocks, what blocks it, what it is about or the same as. */

import { ActionIcon, Alert, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { LinkRead, TaskRead } from "@/api/schema";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import classes from "../lists.module.css";
import { useOpenTask } from "../openTask";
import { linksQuery, useWritePart } from "../parts";
import { Section, useSeen } from "../Section";
import { useOfferBack } from "../undoable";
import { DEFAULT_RELATION, type Relation, relationOf, RELATIONS, sentBy } from "./relations";
import { TaskLink } from "./TaskLink";
import { TaskSearch } from "./TaskSearch";

const words = texts.task.links;

export function Links() {
  const { task, mayWrite } = useOpenTask();
  const [ref, seen] = useSeen();
  const { data: links = [] } = useQuery({ ...linksQuery(task.key), enabled: seen });
  if (!mayWrite && seen && links.length === 0) return null;
  return (
    <Section ref={ref} title={words.title}>
      <Stack gap={4}>
        {RELATIONS.map((relation) => (
          <Related key={relation} relation={relation} links={links.filter((link) => relationOf(link) === relation)} />
        ))}
        {mayWrite && <NewLink />}
      </Stack>
    </Section>
  );
}

function Related({ relation, links }: { relation: Relation; links: LinkRead[] }) {
  const { task, mayWrite } = useOpenTask();
  const offerBack = useOfferBack(task.key, "links", "link.deleted");
  const remove = useWritePart(
    task.key,
    "links",
    (id: string) =>
      answer(
        api.DELETE("/api/v1/tasks/{task}/links/{task_link_id}", {
          params: { path: { task: task.key, task_link_id: id } },
        }),
      ),
    (_nothing, id) => offerBack(words.removed, id),
  );
  if (links.length === 0) return null;
  return (
    <div>
      <Text size="xs" c="dimmed">
        {words.relations[relation]}
      </Text>
      <ul className={classes.list} aria-label={words.relations[relation]}>
        {links.map((link) => (
          <li key={link.id} className={classes.row}>
            <span className={classes.grow}>
              <TaskLink task={link.task} />
            </span>
            {mayWrite && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={words.remove(link.task.key)}
                onClick={() => remove.mutate(link.id)}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function NewLink() {
  const { task } = useOpenTask();
  const client = useQueryClient();
  const [relation, setRelation] = useState<Relation>(DEFAULT_RELATION);
  const add = useMutation({
    meta: { quiet: true },
    mutationFn: (other: TaskRead) => {
      const { from, to, type } = sentBy(relation, task.id, other.id);
      return answer(
        api.POST("/api/v1/tasks/{task}/links", { params: { path: { task: from } }, body: { type, task_id: to } }),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["task", task.key, "links"] }),
  });
  return (
    <Stack gap={4}>
      <Group gap={6} wrap="nowrap">
        <NativeSelect
          aria-label={words.relation}
          size="xs"
          value={relation}
          onChange={(event) => {
            const chosen = RELATIONS.find((one) => one === event.currentTarget.value);
            if (chosen !== undefined) setRelation(chosen);
          }}
          data={RELATIONS.map((one) => ({ value: one, label: words.relations[one] }))}
        />
        <div className={classes.grow}>
          <TaskSearch label={words.add} except={task.id} onPick={(other) => add.mutate(other)} />
        </div>
      </Group>
      {add.error !== null && (
        <Alert color="red" role="alert" p="xs">
          {messageOf(add.error)}
        </Alert>
      )}
    </Stack>
  );
}
