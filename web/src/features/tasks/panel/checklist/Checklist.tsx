/** Small steps of a task: to tick, rename, put in order by drag or by keys, and to make a subtask of. */

import { DragDropProvider } from "@dnd-kit/react";
import { isSortable } from "@dnd-kit/react/sortable";
import { Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { answer, api } from "@/api/client";
import type { ItemRead } from "@/api/schema";
import { texts } from "@/texts";
import { Said } from "@/ui/Spoken";

import { AddLine } from "../AddLine";
import { useOpenTask } from "../openTask";
import { checklistQuery, useWritePart } from "../parts";
import { Section, useSeen } from "../Section";
import classes from "../lists.module.css";
import { useChangeItem } from "./changing";
import { ChecklistItem } from "./ChecklistItem";
import { PLUGINS, SENSORS } from "./dragging";

const words = texts.task.checklist;

export function Checklist() {
  const { task, mayWrite } = useOpenTask();
  const [ref, seen] = useSeen();
  const { data: items = [] } = useQuery({ ...checklistQuery(task.key), enabled: seen });
  const add = useWritePart(task.key, "checklist", (text: string) =>
    answer(api.POST("/api/v1/tasks/{task}/checklist", { params: { path: { task: task.key } }, body: { text } })),
  );
  if (!mayWrite && (task.checklist?.total ?? 0) === 0) return null;
  const done = items.filter((item) => item.done).length;
  return (
    <Section
      ref={ref}
      title={words.title}
      count={items.length > 0 && <Text size="sm">{texts.task.ofAll(done, items.length)}</Text>}
    >
      <Stack gap={4}>
        {items.length > 0 && (
          <Progress value={(100 * done) / items.length} size="xs" aria-label={texts.task.ofAll(done, items.length)} />
        )}
        <Steps items={items} />
        {mayWrite && <AddLine label={words.add} maxLength={500} onAdd={(text) => add.mutateAsync(text)} />}
      </Stack>
    </Section>
  );
}

function Steps({ items }: { items: ItemRead[] }) {
  const { task } = useOpenTask();
  const change = useChangeItem(task.key);
  const [spoken, setSpoken] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const moved = useRef<string | null>(null);
  const place = (item: ItemRead, position: number) => {
    if (position < 0 || position >= items.length || items[position]?.id === item.id) return;
    setSpoken(words.moved(item.text, position + 1, items.length));
    change.mutate({ id: item.id, position });
  };
  // A row that is drawn at another place loses the focus.
  useEffect(() => {
    if (moved.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-handle="${moved.current}"]`)?.focus();
    moved.current = null;
  }, [items]);
  return (
    <DragDropProvider
      sensors={SENSORS}
      plugins={PLUGINS}
      onDragEnd={({ operation: { source }, canceled }) => {
        const dragged = items.find(({ id }) => id === source?.id);
        if (!canceled && isSortable(source) && dragged !== undefined) place(dragged, source.index);
      }}
    >
      <ul className={classes.list} ref={list}>
        {items.map((item, index) => (
          <ChecklistItem
            key={item.id}
            item={item}
            index={index}
            isLast={index === items.length - 1}
            onChange={(body) => change.mutateAsync({ id: item.id, ...body })}
            onPlace={(position) => place(item, position)}
            onStep={(by) => {
              moved.current = item.id;
              place(item, index + by);
            }}
          />
        ))}
      </ul>
      <Said>{spoken}</Said>
    </DragDropProvider>
  );
}
