/** One value of a task in the list, changed where it stands. */

import { Avatar, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";

import type { MemberRead, TaskExpanded, TaskUpdate } from "@/api/schema";
import { showAgo, showDay } from "@/format/dates";
import { may, milestonesQuery, type ProjectParts } from "@/features/projects/queries";
import { DatePicker, isPast } from "@/features/tasks/pickers/DatePicker";
import { LabelPicker } from "@/features/tasks/pickers/LabelPicker";
import { PeoplePicker } from "@/features/tasks/pickers/PeoplePicker";
import { PersonAvatar, personName } from "@/features/tasks/pickers/choices";
import { PriorityPicker } from "@/features/tasks/pickers/PriorityPicker";
import { StatusPicker } from "@/features/tasks/pickers/StatusPicker";
import { texts } from "@/texts";

type Props = { parts: ProjectParts; task: TaskExpanded; column: string; set: (patch: TaskUpdate) => void };

export function Cell({ parts, task, column, set }: Props) {
  const { project, statuses, labels, members } = parts;
  const { key } = project;
  const disabled = !may(project, "editor");
  const due = { day: task.due_on, instant: task.due_at };

  switch (column) {
    case "status":
      return (
        <StatusPicker
          statuses={statuses}
          value={task.status}
          onChange={(status) => set({ status })}
          disabled={disabled}
        />
      );
    case "priority":
      return <PriorityPicker value={task.priority} onChange={(priority) => set({ priority })} disabled={disabled} />;
    case "assignees":
      return (
        <PeoplePicker
          members={members}
          value={task.assignee_ids}
          onChange={(ids) => set({ assignee_ids: ids })}
          disabled={disabled}
          face={<Faces members={members} ids={task.assignee_ids} />}
        />
      );
    case "labels":
      return (
        <LabelPicker
          project={key}
          labels={labels}
          value={task.label_ids}
          onChange={(ids) => set({ label_ids: ids })}
          disabled={disabled}
        />
      );
    case "due":
      return (
        <DatePicker
          label={texts.list.columns.due}
          value={due}
          withTime
          overdue={task.completed_at === null && isPast(due)}
          onChange={({ day, instant }) => set({ due_on: day, due_at: instant })}
          disabled={disabled}
        />
      );
    case "start":
      return (
        <DatePicker
          label={texts.list.columns.start}
          value={{ day: task.start_on, instant: null }}
          onChange={({ day }) => set({ start_on: day })}
          disabled={disabled}
        />
      );
    case "estimate":
      return <Plain text={task.estimate === null ? "" : String(task.estimate)} />;
    case "milestone":
      return task.milestone_id === null ? null : <Milestone project={key} id={task.milestone_id} />;
    case "updated":
      return <Plain text={showAgo(task.updated_at)} />;
    case "created":
      return <Plain text={showAgo(task.created_at)} />;
    default:
      return <FieldValue parts={parts} task={task} field={column.replace(/^field\./, "")} />;
  }
}

function Faces({ members, ids }: { members: readonly MemberRead[]; ids: readonly string[] }) {
  const people = ids.flatMap((id) => members.find(({ user }) => user.id === id)?.user ?? []);
  if (people.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {texts.tasks.unassigned}
      </Text>
    );
  return (
    <Avatar.Group spacing={4}>
      {people.map((person) => (
        <PersonAvatar key={person.id} person={person} />
      ))}
    </Avatar.Group>
  );
}

function Plain({ text }: { text: string }) {
  return (
    <Text size="sm" truncate>
      {text}
    </Text>
  );
}

function Milestone({ project, id }: { project: string; id: string }) {
  const milestones = useSuspenseQuery(milestonesQuery(project)).data;
  return <Plain text={milestones.find((milestone) => milestone.id === id)?.name ?? ""} />;
}

/** A custom field in words; it is changed in the task's own panel. */
function FieldValue({ parts, task, field: key }: { parts: ProjectParts; task: TaskExpanded; field: string }) {
  const { fields, members } = parts;
  const field = fields.find((one) => one.key === key);
  const value = task.fields[key];
  if (field === undefined || value === null || value === undefined) return null;
  const nameOf = (chosen: unknown) => field.options.find((option) => option.key === chosen)?.name ?? String(chosen);
  if (Array.isArray(value)) return <Plain text={value.map(nameOf).join(", ")} />;
  if (field.type === "date" && typeof value === "string") return <Plain text={showDay(value)} />;
  if (field.type === "checkbox") return <Plain text={value === true ? "✓" : ""} />;
  const person = members.find(({ user }) => user.id === value)?.user;
  return <Plain text={person === undefined ? nameOf(value) : personName(person)} />;
}
