/** The filter as text, with completion, and its mistake shown under the column where it is. */

import { Combobox, Text, TextInput, useCombobox } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { answer, api } from "@/api/client";
import { Problem } from "@/api/problems";
import { useProjectParts } from "@/features/projects/queries";
import { isInDialog, useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";

import classes from "./FilterBar.module.css";
import { completed, suggestionsFor } from "./language";

type Props = { project: string; value: string; onApply: (filter: string) => void };

export function FilterField({ project, value, onApply }: Props) {
  const parts = useProjectParts(project);
  const [typed, setTyped] = useState(value);
  const [applied, setApplied] = useState(value);
  const [cursor, setCursor] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useKeys({ filter: (event) => !isInDialog(event) && input.current?.focus() });
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const check = useMutation({
    meta: { quiet: true },
    mutationFn: (filter: string) =>
      answer(
        api.GET("/api/v1/projects/{project}/tasks", { params: { path: { project }, query: { filter, limit: 1 } } }),
      ),
    onSuccess: (_found, filter) => onApply(filter),
  });
  // A filter that changes elsewhere, by a chip or a view, is written here; what was applied from here stands already,
  // and may have been typed on since.
  if (applied !== value) {
    setApplied(value);
    if (value !== check.variables) setTyped(value);
  }
  const suggestions = suggestionsFor(typed, cursor, parts).slice(0, 8);

  const apply = () => {
    combobox.closeDropdown();
    const filter = typed.trim();
    if (filter === "") onApply("");
    else check.mutate(filter);
  };
  const complete = (suggested: string) => {
    const next = completed(typed, cursor, suggested);
    setTyped(next.filter);
    setCursor(next.cursor);
    combobox.resetSelectedOption();
    requestAnimationFrame(() => input.current?.setSelectionRange(next.cursor, next.cursor));
  };

  return (
    <Combobox store={combobox} onOptionSubmit={complete} position="bottom-start" width={300}>
      <Combobox.Target>
        <TextInput
          ref={input}
          className={classes.field}
          aria-label={texts.filters.field}
          placeholder={texts.filters.placeholder}
          leftSection={<IconFilter size={16} aria-hidden />}
          classNames={{ input: classes.mono }}
          value={typed}
          error={check.error === null ? undefined : <Mistake filter={check.variables} error={check.error} />}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setCursor(event.currentTarget.selectionStart ?? 0);
            check.reset();
            combobox.openDropdown();
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
          onBlur={() => {
            if (typed.trim() !== value && !check.isPending) apply();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && combobox.getSelectedOptionIndex() < 0) apply();
            if (event.key === "Escape" && !combobox.dropdownOpened) input.current?.blur();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={suggestions.length === 0}>
        <Combobox.Options aria-label={texts.filters.suggestions}>
          {suggestions.map(({ value: suggested, label }) => (
            <Combobox.Option key={suggested} value={suggested}>
              <Text size="sm" span ff="monospace">
                {suggested}
              </Text>{" "}
              {label !== suggested && (
                <Text size="xs" span c="dimmed">
                  {label}
                </Text>
              )}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** The word of the mistake with the text in which it is, as compilers show it. */
function Mistake({ filter, error }: { filter: string; error: Error }) {
  const column = error instanceof Problem ? error.faults[0]?.column : undefined;
  if (column === undefined || column === null) return <>{error.message}</>;
  return (
    <>
      <span className={classes.mistake} aria-hidden>
        {filter.slice(0, column - 1)}
        <mark>{filter.slice(column - 1, column) || " "}</mark>
        {filter.slice(column)}
      </span>
      {error.message}
    </>
  );
}
