/** Every field of the open task; each is saved when it is changed. */

import { useState } from "react";

import type { TaskUpdate } from "@/api/schema";
import { useChangeTask } from "@/features/tasks/changing";
import { DatePicker, isPast } from "@/features/tasks/pickers/DatePicker";
import { LabelPicker } from "@/features/tasks/pickers/LabelPicker";
import { PeoplePicker } from "@/features/tasks/pickers/PeoplePicker";
import { PriorityPicker } from "@/features/tasks/pickers/PriorityPicker";
import { StatusPicker } from "@/features/tasks/pickers/StatusPicker";
import { useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";

import { isInPanel, useOpenTask } from "../openTask";
import { CustomFields } from "./CustomFields";
import { Estimate } from "./Estimate";
import { FieldRow } from "./FieldRow";
import classes from "./FieldRow.module.css";
import { Planning } from "./Planning";

const words = texts.task.fields;

type Opened = "status" | "assignee" | "priority" | "labels" | "due" | null;

export function TaskFields() {
  const { task, project, statuses, labels, members, mayWrite } = useOpenTask();
  const change = useChangeTask();
  const [opened, setOpened] = useState<Opened>(null);
  const set = (patch: TaskUpdate) => change.mutate({ task, patch });
  const rest = (name: Opened) => ({
    disabled: !mayWrite,
    opened: opened === name,
    onClose: () => setOpened(null),
  });

  // Only for who is in the panel: at the board these keys are for the card there.
  const open = (name: Opened) => (event: KeyboardEvent) => {
    if (!isInPanel(event)) return false;
    setOpened(name);
    return true;
  };
  useKeys(
    {
      status: open("status"),
      assignee: open("assignee"),
      priority: open("priority"),
      labels: open("labels"),
      due: open("due"),
    },
    mayWrite,
  );

  const due = { day: task.due_on, instant: task.due_at };
  return (
    <dl className={classes.rows}>
      <FieldRow label={words.status}>
        <StatusPicker
          statuses={statuses}
          value={task.status}
          onChange={(status) => set({ status })}
          {...rest("status")}
        />
      </FieldRow>
      <FieldRow label={words.priority}>
        <PriorityPicker value={task.priority} onChange={(priority) => set({ priority })} {...rest("priority")} />
      </FieldRow>
      <FieldRow label={words.assignees}>
        <PeoplePicker
          members={members}
          value={task.assignee_ids}
          onChange={(assignee_ids) => set({ assignee_ids })}
          {...rest("assignee")}
        />
      </FieldRow>
      <FieldRow label={words.labels}>
        <LabelPicker
          project={project.key}
          labels={labels}
          value={task.label_ids}
          onChange={(label_ids) => set({ label_ids })}
          mayCreate={mayWrite}
          {...rest("labels")}
        />
      </FieldRow>
      <FieldRow label={words.start}>
        <DatePicker
          label={words.start}
          value={{ day: task.start_on, instant: null }}
          onChange={({ day }) => set({ start_on: day })}
          disabled={!mayWrite}
        />
      </FieldRow>
      <FieldRow label={words.due}>
        <DatePicker
          label={words.due}
          value={due}
          withTime
          overdue={task.completed_at === null && isPast(due)}
          onChange={({ day, instant }) => set({ due_on: day, due_at: instant })}
          {...rest("due")}
        />
      </FieldRow>
      <Estimate set={(patch) => change.mutateAsync({ task, patch })} />
      <Planning set={set} />
      <CustomFields set={(fields) => change.mutateAsync({ task, patch: { fields } })} />
    </dl>
  );
}
