/** What can be chosen for the fields of a task, with how it looks. */

import { Avatar } from "@mantine/core";
import {
  IconAntennaBars2,
  IconAntennaBars3,
  IconAntennaBars4,
  IconAntennaBars5,
  IconCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleDot,
  IconCircleX,
  IconFlame,
} from "@tabler/icons-react";
import type { ComponentType, CSSProperties } from "react";

import type { LabelRead, MemberRead, Priority, StatusCategory, StatusRead, UserBrief } from "@/api/schema";
import { texts } from "@/texts";

import type { Choice } from "./ChoicePopover";

type Icon = ComponentType<{ size?: number; color?: string; style?: CSSProperties; "aria-hidden"?: boolean }>;

// Beside a long name the sign keeps its size.
const WHOLE = { flexShrink: 0 };

const PRIORITY_ICONS: Record<Priority, [Icon, string]> = {
  urgent: [IconFlame, "var(--mantine-color-red-7)"],
  high: [IconAntennaBars5, "var(--mantine-color-orange-7)"],
  medium: [IconAntennaBars4, "var(--mantine-color-blue-7)"],
  low: [IconAntennaBars3, "var(--mantine-color-gray-6)"],
  none: [IconAntennaBars2, "var(--mantine-color-gray-5)"],
};

const CATEGORY_ICONS: Record<StatusCategory, [Icon, string]> = {
  backlog: [IconCircleDashed, "var(--mantine-color-gray-6)"],
  unstarted: [IconCircle, "var(--mantine-color-gray-6)"],
  started: [IconCircleDot, "var(--mantine-color-blue-6)"],
  done: [IconCircleCheck, "var(--mantine-color-teal-7)"],
  cancelled: [IconCircleX, "var(--mantine-color-gray-6)"],
};

export const PRIORITIES: readonly Priority[] = ["urgent", "high", "medium", "low", "none"];

export function PriorityIcon({ priority, size = 16 }: { priority: Priority; size?: number }) {
  const [Drawn, color] = PRIORITY_ICONS[priority];
  return <Drawn size={size} color={color} style={WHOLE} aria-hidden />;
}

export function StatusIcon({ category, size = 16 }: { category: StatusCategory; size?: number }) {
  const [Drawn, color] = CATEGORY_ICONS[category];
  return <Drawn size={size} color={color} style={WHOLE} aria-hidden />;
}

export function LabelDot({ color }: { color: string }) {
  return <span aria-hidden style={{ width: 10, height: 10, borderRadius: 5, background: color, flexShrink: 0 }} />;
}

export function personName(person: UserBrief): string {
  return person.full_name ?? person.username;
}

export function PersonAvatar({ person, size = 22 }: { person: UserBrief; size?: number }) {
  return (
    <Avatar
      size={size}
      name={personName(person)}
      color="initials"
      alt={personName(person)}
      title={personName(person)}
    />
  );
}

export function statusChoices(statuses: readonly StatusRead[]): Choice[] {
  return statuses.map((status) => ({
    value: status.key,
    label: status.name,
    icon: <StatusIcon category={status.category} />,
  }));
}

export function priorityChoices(): Choice[] {
  return PRIORITIES.map((priority) => ({
    value: priority,
    label: texts.tasks.priorities[priority],
    icon: <PriorityIcon priority={priority} />,
  }));
}

export function peopleChoices(members: readonly MemberRead[]): Choice[] {
  return members.map(({ user }) => ({ value: user.id, label: personName(user), icon: <PersonAvatar person={user} /> }));
}

export function labelChoices(labels: readonly LabelRead[]): Choice[] {
  return labels.map((label) => ({ value: label.id, label: label.name, icon: <LabelDot color={label.color} /> }));
}

/** The list with one value more, or less where it was in it. */
export function toggled(values: readonly string[], value: string): string[] {
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}
