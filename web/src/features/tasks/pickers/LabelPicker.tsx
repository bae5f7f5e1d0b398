/** The labels of a task, to see and to choose; who may make labels makes a new one by typing its name. */

import { Badge, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { LabelRead } from "@/api/schema";
import { labelsQuery } from "@/features/projects/queries";
import { texts } from "@/texts";

import { ChoicePopover } from "./ChoicePopover";
import { labelChoices, LabelDot, toggled } from "./choices";
import type { PickerProps } from "./StatusPicker";

// Each has 3:1 against white and against black.
const COLORS = ["#1971c2", "#2f9e44", "#c2255c", "#7048e8", "#e8590c", "#0c8599", "#a0741b", "#868e96"] as const;

type Props = PickerProps & {
  /** The project's key, for new labels. */
  project: string;
  labels: readonly LabelRead[];
  value: readonly string[];
  onChange: (ids: string[]) => void;
  mayCreate?: boolean;
};

export function LabelPicker({ mayCreate = false, ...props }: Props) {
  return mayCreate ? <CreatingPicker {...props} /> : <Picker {...props} />;
}

function CreatingPicker(props: Props) {
  const { project, labels, value, onChange } = props;
  const create = useNewLabel(project, labels, (id) => onChange([...value, id]));
  return <Picker {...props} onCreate={create} />;
}

type PickerOnlyProps = Omit<Props, "project"> & { onCreate?: (name: string) => void };

function Picker({ labels, value, onChange, face, onCreate, ...rest }: PickerOnlyProps) {
  const chosen = value.map((id) => labels.find((label) => label.id === id)).filter((label) => label !== undefined);
  const names = chosen.map((label) => label.name).join(", ");
  return (
    <ChoicePopover
      label={texts.pickers.labels}
      faceLabel={texts.pickers.is(texts.pickers.labels, names === "" ? texts.common.none : names)}
      choices={labelChoices(labels)}
      chosen={value}
      many
      onPick={(id) => onChange(toggled(value, id))}
      onCreate={onCreate}
      face={face ?? <LabelsFace labels={chosen} />}
      {...rest}
    />
  );
}

function LabelsFace({ labels }: { labels: readonly LabelRead[] }) {
  if (labels.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {texts.common.none}
      </Text>
    );
  }
  return (
    <Group gap={4}>
      {labels.map((label) => (
        <Badge key={label.id} variant="default" tt="none" fw={500} leftSection={<LabelDot color={label.color} />}>
          {label.name}
        </Badge>
      ))}
    </Group>
  );
}

function useNewLabel(project: string, labels: readonly LabelRead[], onMade: (id: string) => void) {
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: (name: string) => {
      const color = COLORS[labels.length % COLORS.length] ?? COLORS[0];
      return answer(
        api.POST("/api/v1/projects/{project}/labels", { params: { path: { project } }, body: { name, color } }),
      );
    },
    onSuccess: (label) => {
      const { queryKey } = labelsQuery(project);
      client.setQueryData(queryKey, (old) => old && [...old, label]);
      onMade(label.id);
    },
  });
  return (name: string) => make.mutate(name);
}
