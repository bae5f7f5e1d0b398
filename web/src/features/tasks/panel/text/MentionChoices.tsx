/** The people that an @ may mean, under the field in which it is typed. */

import { Group, Paper, Text, VisuallyHidden } from "@mantine/core";

import { PersonAvatar, personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import type { Mentions } from "./mentions";
import classes from "./MentionChoices.module.css";

export function MentionChoices({ mentions }: { mentions: Mentions }) {
  const { id, people, at, pick } = mentions;
  if (people.length === 0) return null;
  return (
    <>
      <VisuallyHidden role="status">{texts.task.peopleFound(people.length)}</VisuallyHidden>
      <Paper withBorder shadow="md" role="listbox" id={id} aria-label={texts.task.people} className={classes.list}>
        {people.map((person, index) => (
          // The keys are heard by the field, which keeps the focus.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={person.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.person}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(person)}
          >
            <Group gap="xs" wrap="nowrap">
              <PersonAvatar person={person} />
              <Text size="sm">{personName(person)}</Text>
              <Text size="sm" c="dimmed">
                @{person.username}
              </Text>
            </Group>
          </div>
        ))}
      </Paper>
    </>
  );
}
