/** The days of a month with what is due on them. On a phone a list of the days that have something. */

import { Table, Text } from "@mantine/core";
import { useDroppable } from "@dnd-kit/react";

import type { TaskExpanded } from "@/api/schema";
import { showDay, showWeekday, today } from "@/format/dates";
import { texts } from "@/texts";

import { DueTask } from "./DueTask";
import classes from "./MonthGrid.module.css";

type Shared = {
  project: string;
  month: string;
  byDay: Map<string, TaskExpanded[]>;
  mayMove: boolean;
  onMove: (task: TaskExpanded, day: string) => void;
};

type MonthGridProps = Shared & { weeks: string[][]; isLoading: boolean };

export function MonthGrid({ weeks, isLoading, ...shared }: MonthGridProps) {
  return (
    <Table
      className={classes.grid}
      withTableBorder
      aria-label={texts.shell.views.calendar}
      aria-busy={isLoading}
      data-loading={isLoading || undefined}
    >
      <Table.Thead className={classes.weekdays}>
        <Table.Tr>
          {weeks[0]?.map((day) => (
            <Table.Th key={day} scope="col">
              {showWeekday(day)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {weeks.map((week) => (
          <Table.Tr key={week[0]}>
            {week.map((day) => (
              <Day key={day} day={day} {...shared} />
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Day({ day, project, month, byDay, mayMove, onMove }: Shared & { day: string }) {
  const { ref, isDropTarget } = useDroppable({ id: day, disabled: !mayMove });
  const tasks = byDay.get(day) ?? [];
  return (
    <Table.Td
      ref={ref}
      className={classes.day}
      aria-label={texts.calendar.dayOf(showDay(day), tasks.length)}
      data-day={day}
      data-outside={!day.startsWith(month) || undefined}
      data-today={day === today() || undefined}
      data-over={isDropTarget || undefined}
      data-empty={tasks.length === 0 || undefined}
    >
      <Text component="time" dateTime={day} className={classes.number}>
        <span className={classes.short}>{Number(day.slice(8))}</span>
        <span className={classes.long}>{`${showWeekday(day)} ${showDay(day)}`}</span>
      </Text>
      {tasks.map((task) => (
        <DueTask key={task.id} project={project} task={task} mayMove={mayMove} onMove={onMove} />
      ))}
    </Table.Td>
  );
}
