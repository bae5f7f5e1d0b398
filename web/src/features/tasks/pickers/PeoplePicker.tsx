/** People of a project, to see and to choose: the assignees of a task, or one person with `many={false}`. */

import { Avatar, Group, Text } from "@mantine/core";

import type { MemberRead } from "@/api/schema";
import { texts } from "@/texts";

import { ChoicePopover } from "./ChoicePopover";
import { peopleChoices, PersonAvatar, personName, toggled } from "./choices";
import type { PickerProps } from "./StatusPicker";

type Props = PickerProps & {
  members: readonly MemberRead[];
  value: readonly string[];
  onChange: (ids: string[]) => void;
  label?: string;
  many?: boolean;
};

export function PeoplePicker({
  members,
  value,
  onChange,
  label = texts.pickers.assignees,
  many = true,
  face,
  ...rest
}: Props) {
  const people = value.map((id) => members.find(({ user }) => user.id === id)?.user);
  const known = people.filter((person) => person !== undefined);
  const names = known.map(personName).join(", ");
  const single = (id: string) => (value.includes(id) ? [] : [id]);
  return (
    <ChoicePopover
      label={label}
      faceLabel={texts.pickers.is(label, names === "" ? texts.tasks.unassigned : names)}
      choices={peopleChoices(members)}
      chosen={value}
      many={many}
      onPick={(id) => onChange(many ? toggled(value, id) : single(id))}
      face={
        face ?? (
          <Group gap={6} wrap="nowrap">
            {known.length > 0 && (
              <Avatar.Group spacing={8}>
                {known.slice(0, 4).map((person) => (
                  <PersonAvatar key={person.id} person={person} />
                ))}
              </Avatar.Group>
            )}
            <Text size="sm" truncate c={known.length === 0 ? "dimmed" : undefined}>
              {names === "" ? texts.tasks.unassigned : names}
            </Text>
          </Group>
        )
      }
      {...rest}
    />
  );
}
