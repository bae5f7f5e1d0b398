/** What was understood of a line of text, as chips, and what was not. */

import { Badge, Group } from "@mantine/core";
import { IconAlertTriangle, IconCalendar, IconFolder, IconRepeat, IconTag } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { QuickUnderstood } from "@/api/schema";
import { showDay, showInstant, today } from "@/format/dates";
import { texts } from "@/texts";

import { PersonAvatar, personName, PriorityIcon } from "../pickers/choices";

const words = texts.quick;

type UnderstoodProps = { text: string; understood: QuickUnderstood | undefined; project: string };

export function Understood({ text, understood, project }: UnderstoodProps) {
  return (
    <Group gap={6} role="status" mih={26} aria-label={words.understood}>
      {understood !== undefined && <Chips text={text} understood={understood} project={project} />}
    </Group>
  );
}

function Chips({ text, understood, project }: UnderstoodProps & { understood: QuickUnderstood }) {
  const { priority, assignees, labels, due_on: day, due_at: instant, recurrence } = understood;
  return (
    <>
      {understood.project !== project && <Chip icon={<IconFolder size={14} aria-hidden />}>{understood.project}</Chip>}
      {priority !== "none" && (
        <Chip icon={<PriorityIcon priority={priority} size={14} />}>{texts.tasks.priorities[priority]}</Chip>
      )}
      {assignees.map((person) => (
        <Chip key={person.id} icon={<PersonAvatar person={person} size={16} />}>
          {personName(person)}
        </Chip>
      ))}
      {labels.map((label) => (
        <Chip key={label.id} icon={<IconTag size={14} aria-hidden />}>
          {label.name}
        </Chip>
      ))}
      {day !== null && (
        <Chip icon={<IconCalendar size={14} aria-hidden />}>{day === today() ? texts.tasks.today : showDay(day)}</Chip>
      )}
      {instant !== null && <Chip icon={<IconCalendar size={14} aria-hidden />}>{showInstant(instant)}</Chip>}
      {recurrence !== null && (
        <Chip icon={<IconRepeat size={14} aria-hidden />}>{saidOf(text, understood, "recurrence")}</Chip>
      )}
      {understood.not_understood.map((mention) => (
        <Chip key={mention} icon={<IconAlertTriangle size={14} aria-hidden />} isFault>
          {words.notUnderstood(mention)}
        </Chip>
      ))}
    </>
  );
}

function Chip({ icon, isFault = false, children }: { icon: ReactNode; isFault?: boolean; children: ReactNode }) {
  return (
    <Badge size="lg" variant="default" fw={500} tt="none" leftSection={icon} bd={isFault ? "1px dashed" : undefined}>
      {children}
    </Badge>
  );
}

/** How often, as the reader has put it: nobody reads rules. */
function saidOf(text: string, { spans }: QuickUnderstood, kind: string): string {
  // The service counts characters, not units of UTF-16.
  const characters = Array.from(text);
  return spans
    .filter((span) => span.kind === kind)
    .map(({ start, end }) => characters.slice(start, end).join(""))
    .join(" ");
}
