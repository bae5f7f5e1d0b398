/** The value of one custom field, to see and to change, by the field's type. */

import { Anchor, Text } from "@mantine/core";

import type { FieldRead } from "@/api/schema";
import { ChoicePopover } from "@/features/tasks/pickers/ChoicePopover";
import { LabelDot, toggled } from "@/features/tasks/pickers/choices";
import { DatePicker } from "@/features/tasks/pickers/DatePicker";
import { PeoplePicker } from "@/features/tasks/pickers/PeoplePicker";
import { showNumber } from "@/format/dates";
import { texts } from "@/texts";

import { useOpenTask } from "../openTask";
import { numberFault, numberOf } from "./numbers";
import { TickBox } from "@/ui/forms/TickBox";
import { SavedInput } from "./SavedInput";

export type CustomValueProps = { field: FieldRead; value: unknown; onChange: (value: unknown) => Promise<unknown> };

export function CustomValue(props: CustomValueProps) {
  const { field, value, onChange } = props;
  const { members, mayWrite } = useOpenTask();
  switch (field.type) {
    case "text":
    case "number":
    case "url":
      return <Written {...props} />;
    case "date":
      return (
        <DatePicker
          label={field.name}
          value={{ day: written(value), instant: null }}
          onChange={({ day }) => unlessRefused(onChange(day))}
          disabled={!mayWrite}
        />
      );
    case "select":
    case "multi_select":
      return <Chosen {...props} />;
    case "user":
      return (
        <PeoplePicker
          label={field.name}
          members={members}
          many={false}
          value={chosenOf(value)}
          onChange={([person]) => unlessRefused(onChange(person ?? null))}
          disabled={!mayWrite}
        />
      );
    case "checkbox":
      return <TickBox name={field.name} checked={value === true} disabled={!mayWrite} onTick={onChange} />;
  }
}

function Written({ field, value, onChange }: CustomValueProps) {
  const { mayWrite } = useOpenTask();
  const isNumber = field.type === "number";
  const text = typeof value === "number" ? String(value) : (written(value) ?? "");
  if (!mayWrite) {
    if (text === "") return <Nothing />;
    if (field.type === "url") return <Address url={text} />;
    return <Text size="sm">{typeof value === "number" ? showNumber(value) : text}</Text>;
  }
  return (
    <>
      <SavedInput
        label={field.name}
        inputMode={isNumber ? "decimal" : field.type === "url" ? "url" : "text"}
        value={text}
        fault={isNumber ? numberFault : undefined}
        onSave={(typed) => onChange(typed === "" ? null : isNumber ? numberOf(typed) : typed)}
      />
      {field.type === "url" && text !== "" && <Address url={text} />}
    </>
  );
}

function Address({ url }: { url: string }) {
  // The service takes no other; a link that runs a script would be too much to leave to it alone.
  if (!/^https?:\/\//i.test(url)) return null;
  return (
    <Anchor href={url} target="_blank" rel="noopener noreferrer nofollow" size="sm">
      {texts.task.fields.openAddress(url)}
    </Anchor>
  );
}

function Chosen({ field, value, onChange }: CustomValueProps) {
  const { mayWrite } = useOpenTask();
  const many = field.type === "multi_select";
  const chosen = chosenOf(value);
  const names = field.options.filter((option) => chosen.includes(option.key)).map((option) => option.name);
  const pick = (key: string) => {
    const next = many ? toggled(chosen, key) : chosen.includes(key) ? [] : [key];
    unlessRefused(onChange(many ? (next.length === 0 ? null : next) : (next[0] ?? null)));
  };
  return (
    <ChoicePopover
      label={field.name}
      faceLabel={texts.pickers.is(field.name, names.length === 0 ? texts.common.none : names.join(", "))}
      choices={field.options.map(({ key, name, color }) => ({
        value: key,
        label: name,
        icon: color === null ? undefined : <LabelDot color={color} />,
      }))}
      chosen={chosen}
      many={many}
      onPick={pick}
      disabled={!mayWrite}
      face={names.length === 0 ? <Nothing /> : <Text size="sm">{names.join(", ")}</Text>}
    />
  );
}

function Nothing() {
  return (
    <Text size="sm" c="dimmed">
      {texts.common.none}
    </Text>
  );
}

/** A choice that is refused is put back and told by a toast: there is nothing typed to keep. */
function unlessRefused(saving: Promise<unknown>): void {
  saving.catch(() => null);
}

function written(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function chosenOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
