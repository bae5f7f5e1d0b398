/** A searchable list that is open all the time: type to narrow it, arrows to go through it, Enter to choose. */

import { Combobox, ScrollArea, TextInput, useCombobox } from "@mantine/core";
import { useState } from "react";

import { texts } from "@/texts";

import { ChoiceOptions, narrowed } from "../pickers/ChoiceOptions";
import type { Choice } from "../pickers/ChoicePopover";
import { toggled } from "../pickers/choices";

type ChoiceListProps = {
  label: string;
  choices: readonly Choice[];
  chosenNow: () => string[];
  onPick: (value: string) => void;
  onCancel: () => void;
};

export function ChoiceList({ label, choices, chosenNow, onPick, onCancel }: ChoiceListProps) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(chosenNow);
  const combobox = useCombobox({ opened: true });
  const found = narrowed(choices, typed);
  const pick = (value: string) => {
    setChosen((before) => toggled(before, value));
    onPick(value);
  };
  return (
    <Combobox store={combobox} onOptionSubmit={pick}>
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          aria-label={label}
          placeholder={texts.bulk.narrow}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.selectFirstOption();
          }}
          onKeyDown={(event) => {
            // An open list keeps Escape from the dialog around it.
            if (event.key === "Escape") onCancel();
          }}
          data-autofocus
        />
      </Combobox.EventsTarget>
      <ScrollArea.Autosize mah={320} type="scroll" mt="xs">
        <Combobox.Options aria-label={label}>
          <ChoiceOptions choices={found} chosen={chosen} />
          {found.length === 0 && <Combobox.Empty>{texts.tasks.noChoice}</Combobox.Empty>}
        </Combobox.Options>
      </ScrollArea.Autosize>
    </Combobox>
  );
}
