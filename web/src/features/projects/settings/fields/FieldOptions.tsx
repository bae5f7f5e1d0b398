/** What a field lets one choose from. A choice that is renamed keeps its key, so that tasks keep it. */

import { Button, Group, TextInput } from "@mantine/core";
import { useState } from "react";

import type { FieldOption, FieldRead } from "@/api/schema";
import { texts } from "@/texts";
import { InlineText } from "@/ui/forms/InlineText";
import { useWrite } from "@/ui/forms/useWrite";

import { DeleteButton } from "../DeleteButton";

const words = texts.projectSettings.fields;

type Props = { field: FieldRead; save: (options: FieldOption[]) => Promise<unknown> };

export function FieldOptions({ field, save }: Props) {
  const [name, setName] = useState("");
  const add = useWrite(save, { done: () => setName("") });
  const remove = useWrite(save, { loud: true });
  const { options } = field;
  return (
    <Group gap="xs" role="group" aria-label={words.optionsOf(field.name)} align="flex-start">
      {options.map((option) => (
        <Group key={option.key} gap={0} wrap="nowrap" w={190} align="flex-start">
          <InlineText
            label={words.optionOf(option.name, field.name)}
            value={option.name}
            required
            onSave={(typed) => save(options.map((one) => (one === option ? { ...one, name: typed } : one)))}
          />
          <DeleteButton
            label={texts.projectSettings.deleteOf(words.optionOf(option.name, field.name))}
            onClick={() => remove.send(options.filter((one) => one !== option))}
          />
        </Group>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") add.send([...options, { name: name.trim() }]);
        }}
      >
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            w={160}
            aria-label={words.newOption(field.name)}
            placeholder={words.addOption}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={add.beside([])}
          />
          <Button type="submit" variant="default" loading={add.isPending}>
            {texts.common.add}
          </Button>
        </Group>
      </form>
    </Group>
  );
}
