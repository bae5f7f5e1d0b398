/** Rows of tasks under headings that sort. */

import { Checkbox, Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import type { TaskExpanded } from "@/api/schema";
import { useProjectParts } from "@/features/projects/queries";
import { clearSelection, selectAll, useSelection } from "@/features/tasks/selecting/selection";
import { texts } from "@/texts";

import { type Column, nextSort } from "./columns";
import { TaskRow } from "./TaskRow";
import { useColumns } from "./useColumns";

type Props = { project: string; tasks: TaskExpanded[]; sort: string | undefined };

export function TaskTable({ project, tasks, sort }: Props) {
  const columns = useColumns(project);
  // Here and not in each cell: every reader of a query is told of it by itself, and a list has thousands of cells.
  const { project: here, statuses, labels, members, fields } = useProjectParts(project);
  const parts = useMemo(
    () => ({ project: here, statuses, labels, members, fields }),
    [here, statuses, labels, members, fields],
  );
  return (
    <Table.ScrollContainer minWidth={280 + 110 * columns.length}>
      <Table highlightOnHover verticalSpacing={6} fz="sm" aria-label={texts.list.caption}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <SelectAll />
            </Table.Th>
            <Table.Th w={90} aria-sort={ariaSort(sort, "number")}>
              <Heading heading={texts.list.key} column="number" sort={sort} />
            </Table.Th>
            <Table.Th miw={240} w="45%" aria-sort={ariaSort(sort, "title")}>
              <Heading heading={texts.list.task} column="title" sort={sort} />
            </Table.Th>
            {columns.map((column) => (
              <Table.Th key={column.name} aria-sort={ariaSort(sort, column.sort)}>
                <ColumnHeading column={column} sort={sort} />
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tasks.map((task) => (
            <TaskRow key={task.id} parts={parts} task={task} columns={columns} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ColumnHeading({ column, sort }: { column: Column; sort: string | undefined }) {
  if (column.sort === undefined) return column.heading;
  return <Heading heading={column.heading} column={column.sort} sort={sort} />;
}

function Heading({ heading, column, sort }: { heading: string; column: string; sort: string | undefined }) {
  const navigate = useNavigate();
  const press = () =>
    void navigate({
      to: ".",
      search: (before) => ({ ...before, sort: nextSort(before.sort, column) }),
      replace: true,
    });
  return (
    <UnstyledButton onClick={press} fz="sm" fw={600} title={texts.list.sortBy(heading)}>
      {heading} {sort === column && <IconArrowUp size={14} aria-hidden />}
      {sort === `-${column}` && <IconArrowDown size={14} aria-hidden />}
    </UnstyledButton>
  );
}

function SelectAll() {
  const { order, selected } = useSelection();
  const isWhole = order.length > 0 && selected.size === order.length;
  return (
    <Checkbox
      aria-label={texts.list.selectAll}
      checked={isWhole}
      indeterminate={selected.size > 0 && !isWhole}
      onChange={() => (isWhole ? clearSelection() : selectAll())}
    />
  );
}

function ariaSort(sort: string | undefined, column: string | undefined): "ascending" | "descending" | undefined {
  if (column === undefined || sort === undefined) return undefined;
  if (sort === column) return "ascending";
  return sort === `-${column}` ? "descending" : undefined;
}
