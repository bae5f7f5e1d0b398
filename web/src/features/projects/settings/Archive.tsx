/** Putting a project aside, and taking it up again. */

import { Button, Group } from "@mantine/core";

import { answer, api } from "@/api/client";
import type { ProjectRead } from "@/api/schema";
import { texts } from "@/texts";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { tell, tellUndoable } from "@/ui/toasts";

const words = texts.projectSettings.general;

export function Archive({ project }: { project: ProjectRead }) {
  const set = (archived: boolean) =>
    answer(api.PATCH("/api/v1/projects/{project}", { params: { path: { project: project.key } }, body: { archived } }));
  const stale = [["project", project.key], ["projects"]];
  const begin = useWrite(() => set(true), {
    loud: true,
    stale,
    done: () => tellUndoable(words.archived(project.name), () => end.save()),
  });
  const end = useWrite(() => set(false), {
    loud: true,
    stale,
    done: () => tell(words.unarchived(project.name)),
  });
  return (
    <Section title={words.archive} text={words.archiveText}>
      <Group>
        <Button
          variant="default"
          loading={begin.isPending || end.isPending}
          onClick={() => (project.archived ? end : begin).send()}
        >
          {project.archived ? words.unarchive : words.archive}
        </Button>
      </Group>
    </Section>
  );
}
