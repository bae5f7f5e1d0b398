/** The dialog in which a field is chosen by keys, for the card at the cursor or for all that are selected. */

import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";

import type { TaskExpanded } from "@/api/schema";
import { may, useProjectParts, useProjects } from "@/features/projects/queries";
import { texts } from "@/texts";

import type { Choice } from "../pickers/ChoicePopover";
import { labelChoices, peopleChoices, priorityChoices, statusChoices } from "../pickers/choices";
import { ChoiceList } from "./ChoiceList";
import { knownTasks } from "./chosen";
import { DueChoice } from "./DueChoice";
import { type Asked, closeFieldDialog, type Field, useAskedField } from "./fields";
import { chosenFor, useFieldWriter } from "./useFieldWriter";

const words = texts.bulk;

export function FieldDialog({ project }: { project: string }) {
  const asked = useAskedField();
  return (
    <Modal
      opened={asked !== null}
      onClose={closeFieldDialog}
      title={asked === null ? "" : words.fieldOf(words.fields[asked.field], asked.tasks)}
      size="sm"
    >
      {asked !== null && <Choosing project={project} asked={asked} />}
    </Modal>
  );
}

function Choosing({ project, asked: { field, tasks: keys } }: { project: string; asked: Asked }) {
  const client = useQueryClient();
  const write = useFieldWriter();
  const choices = useChoices(project, field);
  // Asked for at each choice: the one before may have changed what is chosen.
  const tasks = (): TaskExpanded[] => knownTasks(client, project, keys);
  if (field === "due") {
    return (
      <DueChoice
        project={project}
        onPick={(due) => {
          write(field, due, tasks());
          closeFieldDialog();
        }}
      />
    );
  }
  const isMany = field === "assignee" || field === "labels";
  return (
    <ChoiceList
      label={words.fields[field]}
      choices={choices}
      chosenNow={() => chosenFor(field, tasks())}
      onCancel={closeFieldDialog}
      onPick={(value) => {
        write(field, value, tasks());
        if (!isMany) closeFieldDialog();
      }}
    />
  );
}

function useChoices(project: string, field: Field): readonly Choice[] {
  const { statuses, labels, members } = useProjectParts(project);
  const projects = useProjects();
  switch (field) {
    case "status":
      return statusChoices(statuses);
    case "priority":
      return priorityChoices();
    case "assignee":
      return peopleChoices(members);
    case "labels":
      return labelChoices(labels);
    case "project":
      return projects
        .filter((other) => other.key !== project && may(other, "editor"))
        .map(({ key, name }) => ({ value: key, label: name }));
    case "due":
      return [];
  }
}
