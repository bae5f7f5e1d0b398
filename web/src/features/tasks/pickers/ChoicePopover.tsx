/** A list to choose from, with a search of its own: opens under what it changes, and by itself where it is told to. */

import { Combobox, ScrollArea, UnstyledButton, useCombobox } from "@mantine/core";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

import { texts } from "@/texts";

import { ChoiceOptions, narrowed } from "./ChoiceOptions";

export type Choice = { value: string; label: string; icon?: ReactNode };

export type ChoicePopoverProps = {
  /** What is chosen, for screen readers: "Status". */
  label: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  /** One closes at once, many stays open. */
  many?: boolean;
  onPick: (value: string) => void;
  /** For lists that can grow: what was typed and is no choice. */
  onCreate?: (typed: string) => void;
  opened?: boolean;
  onClose?: () => void;
  disabled?: boolean;
  /** What stands on the page: the value as it is now. */
  face: ReactNode;
  /** What a screen reader says of it: "Status: To do". */
  faceLabel: string;
};

const SEARCH_FROM = 6;

/** Until somebody opens it, it is no more than a button: a list of tasks has hundreds of them. */
export function ChoicePopover(props: ChoicePopoverProps) {
  const { opened = false, disabled = false, face, faceLabel } = props;
  const [wasOpened, setOpened] = useState(opened);
  if (opened && !wasOpened) setOpened(true);
  // Who may not change it is offered nothing to press.
  if (disabled) {
    return (
      <span role="img" aria-label={faceLabel}>
        {face}
      </span>
    );
  }
  if (wasOpened) return <Choices {...props} />;
  return (
    <UnstyledButton
      aria-label={faceLabel}
      aria-haspopup="listbox"
      aria-expanded={false}
      onClick={(event) => {
        // A card or a row beneath opens its task when it is clicked.
        event.stopPropagation();
        setOpened(true);
      }}
    >
      {face}
    </UnstyledButton>
  );
}

function Choices(props: ChoicePopoverProps) {
  const { label, choices, chosen, many = false, onPick, onCreate, opened, onClose, face, faceLabel } = props;
  const [typed, setTyped] = useState("");
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setTyped("");
      onClose?.();
    },
  });
  const button = useRef<HTMLButtonElement>(null);
  // The button that was pressed is gone, and the search has the focus a moment later: a key between them is for the list.
  useLayoutEffect(() => button.current?.focus({ preventScroll: true }), []);
  const { openDropdown } = combobox;
  const isFirst = useRef(true);
  useEffect(() => {
    // It is first drawn when somebody has just asked for it.
    if (isFirst.current || opened === true) openDropdown();
    isFirst.current = false;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the store is another object with each drawing
  }, [opened]);

  const found = narrowed(choices, typed);
  const isNew =
    onCreate !== undefined && typed.trim() !== "" && !choices.some((choice) => choice.label === typed.trim());
  const pick = (value: string) => {
    if (value === NEW) onCreate?.(typed.trim());
    else onPick(value);
    if (many) setTyped("");
    else combobox.closeDropdown();
  };

  return (
    <Combobox store={combobox} onOptionSubmit={pick} width={260} position="bottom-start" withinPortal>
      <Combobox.Target targetType="button">
        <UnstyledButton
          ref={button}
          aria-label={faceLabel}
          onClick={(event) => {
            // A card or a row beneath opens its task when it is clicked.
            event.stopPropagation();
            combobox.toggleDropdown();
          }}
        >
          {face}
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          aria-label={label}
          placeholder={label}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.updateSelectedOptionIndex();
          }}
          readOnly={choices.length < SEARCH_FROM && onCreate === undefined}
        />
        <Combobox.Options aria-label={label}>
          <ScrollArea.Autosize mah={300} type="scroll">
            <ChoiceOptions choices={found} chosen={chosen} />
            {isNew && <Combobox.Option value={NEW}>{texts.tasks.createChoice(typed.trim())}</Combobox.Option>}
            {found.length === 0 && !isNew && <Combobox.Empty>{texts.tasks.noChoice}</Combobox.Empty>}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

// No status, label or person has this as its key.
const NEW = "\u0000new";
