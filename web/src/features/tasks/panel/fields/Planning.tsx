/** What a task is part of: a milestone, a cycle, another task. */

import { ActionIcon, Group, Text, UnstyledButton } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useSuspenseQueries } from "@tanstack/react-query";
import { useState } from "react";

import type { TaskUpdate } from "@/api/schema";
import { cyclesQuery, milestonesQuery } from "@/features/projects/queries";
import { ChoicePopover } from "@/features/tasks/pickers/ChoicePopover";
import { texts } from "@/texts";

import { TaskLink } from "../links/TaskLink";
import { TaskSearch } from "../links/TaskSearch";
import { useOpenTask } from "../openTask";
import { FieldRow } from "./FieldRow";

const words = texts.task.fields;
// No milestone and no cycle has this as its id.
const NONE = "none";

type Named = { id: string; name: string };
type Set = (patch: TaskUpdate) => void;

export function Planning({ set }: { set: Set }) {
  const { task, project } = useOpenTask();
  const [milestones, cycles] = useSuspenseQueries({
    queries: [milestonesQuery(project.key), cyclesQuery(project.key)],
  });
  const open = milestones.data.filter((one) => !one.closed || one.id === task.milestone_id);
  return (
    <>
      {open.length > 0 && (
        <OneOf
          label={words.milestone}
          choices={open}
          value={task.milestone_id}
          onChange={(milestone_id) => set({ milestone_id })}
        />
      )}
      {cycles.data.length > 0 && (
        <OneOf
          label={words.cycle}
          choices={cycles.data}
          value={task.cycle_id}
          onChange={(cycle_id) => set({ cycle_id })}
        />
      )}
      <Parent set={set} />
    </>
  );
}

type OneOfProps = {
  label: string;
  choices: readonly Named[];
  value: string | null;
  onChange: (id: string | null) => void;
};

function OneOf({ label, choices, value, onChange }: OneOfProps) {
  const { mayWrite } = useOpenTask();
  const name = choices.find((choice) => choice.id === value)?.name;
  return (
    <FieldRow label={label}>
      <ChoicePopover
        label={label}
        faceLabel={texts.pickers.is(label, name ?? texts.common.none)}
        choices={[
          { value: NONE, label: texts.common.none },
          ...choices.map((choice) => ({ value: choice.id, label: choice.name })),
        ]}
        chosen={[value ?? NONE]}
        onPick={(picked) => onChange(picked === NONE ? null : picked)}
        disabled={!mayWrite}
        face={
          <Text size="sm" truncate c={name === undefined ? "dimmed" : undefined}>
            {name ?? texts.common.none}
          </Text>
        }
      />
    </FieldRow>
  );
}

function Parent({ set }: { set: Set }) {
  const { task, project, mayWrite } = useOpenTask();
  const [isSearching, setSearching] = useState(false);
  return (
    <FieldRow label={words.parent}>
      {task.parent != null ? (
        <Group gap={4} wrap="nowrap">
          <TaskLink task={task.parent} />
          {mayWrite && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={words.noParent}
              onClick={() => set({ parent_id: null })}
            >
              <IconX size={14} aria-hidden />
            </ActionIcon>
          )}
        </Group>
      ) : isSearching ? (
        <TaskSearch
          label={words.parentSearch}
          project={project.key}
          except={task.id}
          autoFocus
          onLeave={() => setSearching(false)}
          onPick={(parent) => {
            setSearching(false);
            set({ parent_id: parent.id });
          }}
        />
      ) : (
        <ParentButton mayWrite={mayWrite} onPress={() => setSearching(true)} />
      )}
    </FieldRow>
  );
}

function ParentButton({ mayWrite, onPress }: { mayWrite: boolean; onPress: () => void }) {
  const none = (
    <Text size="sm" c="dimmed">
      {texts.common.none}
    </Text>
  );
  if (!mayWrite) return none;
  return (
    <UnstyledButton aria-label={words.chooseParent} onClick={onPress}>
      {none}
    </UnstyledButton>
  );
}
