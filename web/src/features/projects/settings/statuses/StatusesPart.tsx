/** The columns of the board: dragged or moved by buttons into their order, with what they mean and how much they take. */

import { Accessibility } from "@dnd-kit/dom";
import { DragDropProvider } from "@dnd-kit/react";
import { isSortable } from "@dnd-kit/react/sortable";
import { Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import type { ProjectRead, StatusRead, StatusUpdate } from "@/api/schema";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { Said } from "@/ui/Spoken";

import { statusesQuery, useProjectParts } from "../../queries";
import { takeBack, useDeletion } from "../deletion";
import { NewStatus } from "./NewStatus";
import { StatusRow } from "./StatusRow";

const words = texts.projectSettings.statuses;
// It speaks of ids; what is said here are names and places.
const UNWANTED: unknown[] = [Accessibility];

export default function StatusesPart({ project }: { project: ProjectRead }) {
  const { statuses } = useProjectParts(project.key);
  const [spoken, setSpoken] = useState("");
  const client = useQueryClient();
  const { queryKey } = statusesQuery(project.key);
  const change = useWrite(
    ({ id, ...body }: StatusUpdate & { id: string }) =>
      answer(
        api.PATCH("/api/v1/projects/{project}/statuses/{status_id}", {
          params: { path: { project: project.key, status_id: id } },
          body,
        }),
      ),
    { loud: true, stale: [queryKey, ["tasks", project.key]] },
  );
  // Here and not in the row, which is gone from the list until the service refuses.
  const deletion = useDeletion<StatusRead & { moveTo?: string }>({
    project: project.key,
    part: "statuses",
    remove: ({ id, moveTo }) =>
      answer(
        api.DELETE("/api/v1/projects/{project}/statuses/{status_id}", {
          params: {
            path: { project: project.key, status_id: id },
            query: moveTo === undefined ? {} : { move_to: moveTo },
          },
        }),
      ),
    restore: ({ id }) => takeBack(project.key, "status.deleted", id),
    said: ({ name }) => texts.projectSettings.deleted(name),
  });
  const isInUse = deletion.error instanceof Problem && deletion.error.code === "status_in_use";
  const place = (status: StatusRead, position: number) => {
    if (position < 0 || position >= statuses.length || statuses[position]?.id === status.id) return;
    client.setQueryData(queryKey, (old) => old && moved(old, status.id, position));
    setSpoken(words.moved(status.name, position + 1, statuses.length));
    change.send({ id: status.id, position }, { onError: () => void client.invalidateQueries({ queryKey }) });
  };

  return (
    <Section title={words.title} text={words.text}>
      <DragDropProvider
        plugins={(usual) => usual.filter((plugin) => !UNWANTED.includes(plugin))}
        onDragEnd={({ operation: { source }, canceled }) => {
          const dragged = statuses.find(({ id }) => id === source?.id);
          if (!canceled && isSortable(source) && dragged !== undefined) place(dragged, source.index);
        }}
      >
        <Stack component="ul" gap={4} p={0} m={0} aria-label={words.list} style={{ listStyle: "none" }}>
          {statuses.map((status, index) => (
            <StatusRow
              key={status.id}
              status={status}
              index={index}
              others={statuses.filter(({ id }) => id !== status.id)}
              change={change}
              isInUse={isInUse && deletion.of?.id === status.id}
              isDeleting={deletion.isPending}
              onDelete={(moveTo) => deletion.remove({ ...status, moveTo })}
              onPlace={(position) => place(status, position)}
            />
          ))}
        </Stack>
      </DragDropProvider>
      <Said>{spoken}</Said>
      <NewStatus project={project} />
    </Section>
  );
}

function moved(statuses: StatusRead[], id: string, position: number): StatusRead[] {
  const rest = statuses.filter((status) => status.id !== id);
  const one = statuses.find((status) => status.id === id);
  return one === undefined ? statuses : rest.toSpliced(position, 0, one);
}
