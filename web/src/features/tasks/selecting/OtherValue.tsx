/** A value for one field of many tasks, put in as its kind wants it. */

import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type SubmitEvent, useState } from "react";

import { texts } from "@/texts";

import { toggled } from "../pickers/choices";
import { ChoiceList } from "./ChoiceList";
import type { OtherField, Value } from "./otherFields";

const words = texts.bulk;

type Props = { field: OtherField; onPick: (value: Value) => void; onCancel: () => void };

export function OtherValue(props: Props) {
  const { field, onPick } = props;
  switch (field.kind) {
    case "one":
      return (
        <Stack gap="sm">
          <ChoiceList
            label={field.name}
            choices={field.choices}
            chosenNow={() => []}
            onPick={onPick}
            onCancel={props.onCancel}
          />
          <Nothing onPick={onPick} />
        </Stack>
      );
    case "many":
      return <Several {...props} />;
    case "checkbox":
      return (
        <Group>
          <Button data-autofocus onClick={() => onPick(true)}>
            {words.yes}
          </Button>
          <Button variant="default" onClick={() => onPick(false)}>
            {words.no}
          </Button>
          <Nothing onPick={onPick} />
        </Group>
      );
    default:
      return <Written {...props} />;
  }
}

function Several({ field, onPick, onCancel }: Props) {
  const [chosen, setChosen] = useState<string[]>([]);
  return (
    <Stack gap="sm">
      <ChoiceList
        label={field.name}
        choices={field.choices}
        chosenNow={() => []}
        onPick={(value) => setChosen((before) => toggled(before, value))}
        onCancel={onCancel}
      />
      <Group>
        <Button disabled={chosen.length === 0} onClick={() => onPick(chosen)}>
          {words.set}
        </Button>
        <Nothing onPick={onPick} />
      </Group>
    </Stack>
  );
}

function Written({ field, onPick }: Props) {
  const [typed, setTyped] = useState("");
  const text = typed.trim();
  const number = Number(text.replace(",", "."));
  const isWrong = field.kind === "number" && !Number.isFinite(number);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (text !== "" && !isWrong) onPick(field.kind === "number" ? number : text);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={field.name}
          type={field.kind === "date" ? "date" : "text"}
          inputMode={field.kind === "number" ? "decimal" : field.kind === "url" ? "url" : undefined}
          value={typed}
          error={isWrong ? texts.task.fields.notANumber : undefined}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        <Group>
          <Button type="submit" disabled={text === "" || isWrong}>
            {words.set}
          </Button>
          <Nothing onPick={onPick} />
        </Group>
      </Stack>
    </form>
  );
}

function Nothing({ onPick }: { onPick: (value: null) => void }) {
  return (
    <Button variant="default" onClick={() => onPick(null)}>
      {words.empty}
    </Button>
  );
}
