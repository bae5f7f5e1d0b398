/** A day, or a day with a time, to see and to change. The calendar is loaded when somebody opens it. */

import { Center, Popover, Text, UnstyledButton } from "@mantine/core";
import { lazy, Suspense, useLayoutEffect, useRef, useState } from "react";

import { dayOf, showDay, showInstant, today } from "@/format/dates";
import { texts } from "@/texts";
import { Waiting } from "@/ui/Waiting";

import type { PickerProps } from "./StatusPicker";

const DateChooser = lazy(() => import("./DateChooser"));

/** A day wherever one is, or an instant, or neither. */
export type Moment = { day: string | null; instant: string | null };

type Props = PickerProps & {
  label: string;
  value: Moment;
  /** Whether a time may be given, which makes the day an instant. */
  withTime?: boolean;
  /** Marks a day in the past. */
  overdue?: boolean;
  onChange: (moment: Moment) => void;
};

export function DatePicker(props: Props) {
  const { label, value, withTime = false, overdue = false, onChange, disabled = false } = props;
  const [wasPressed, setOpen] = useState(false);
  const isOpen = wasPressed || props.opened === true;
  // Until then it is no more than a button: a list of tasks has hundreds of them.
  const [wasOpen, setOpened] = useState(isOpen);
  if (isOpen && !wasOpen) setOpened(true);
  const button = useRef<HTMLButtonElement>(null);
  // The button that was pressed is gone, and the calendar has the focus a moment later: Esc between them is for it.
  useLayoutEffect(() => {
    if (wasOpen) button.current?.focus({ preventScroll: true });
  }, [wasOpen]);
  const shown = showMoment(value);
  const close = () => {
    setOpen(false);
    button.current?.focus();
    props.onClose?.();
  };
  const face = props.face ?? (
    <Text
      size="sm"
      truncate
      c={value.day === null && value.instant === null ? "dimmed" : overdue ? "var(--mantine-color-error)" : undefined}
    >
      {shown}
    </Text>
  );
  if (disabled) return <>{face}</>;
  if (!wasOpen) {
    return (
      <UnstyledButton
        aria-label={texts.pickers.is(label, shown)}
        aria-haspopup="dialog"
        aria-expanded={false}
        onClick={(event) => {
          event.stopPropagation();
          setOpen(true);
        }}
      >
        {face}
      </UnstyledButton>
    );
  }
  return (
    <Popover opened={isOpen} onDismiss={close} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>
        <UnstyledButton
          ref={button}
          aria-label={texts.pickers.is(label, shown)}
          onClick={(event) => {
            event.stopPropagation();
            if (isOpen) close();
            else setOpen(true);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape" && isOpen) close();
          }}
        >
          {face}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={label} onClick={(event) => event.stopPropagation()}>
        <Suspense
          fallback={
            <Center w={260} h={280}>
              <Waiting />
            </Center>
          }
        >
          <DateChooser
            value={value}
            withTime={withTime}
            onChoose={(moment) => {
              close();
              onChange(moment);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

export function showMoment({ day, instant }: Moment): string {
  if (instant !== null) return showInstant(instant);
  return day === null ? texts.tasks.noDate : showNear(day);
}

/** Whether what is due then should have been done. */
export function isPast({ day, instant }: Moment): boolean {
  return instant !== null ? Date.parse(instant) < Date.now() : day !== null && day < today();
}

export function dayOfMoment({ day, instant }: Moment): string | null {
  return instant === null ? day : dayOf(instant);
}

function showNear(day: string): string {
  return day === today() ? texts.tasks.today : showDay(day);
}
