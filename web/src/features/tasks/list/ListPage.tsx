/** The tasks of a project as a table, whole or in groups. */

import { Stack } from "@mantine/core";
import { useParams, useSearch } from "@tanstack/react-router";

import { FilterBar } from "@/features/tasks/filters/FilterBar";
import type { TaskParameters } from "@/features/tasks/queries";
import { SelectionTools } from "@/features/tasks/selecting/SelectionTools";
import { useRowKeys } from "@/features/tasks/selecting/useRowKeys";

import { ColumnChooser } from "./ColumnChooser";
import { GroupedList } from "./GroupedList";
import { PagedTable } from "./PagedTable";

export default function ListPage() {
  const { project } = useParams({ from: "/signed-in/projects/$project" });
  const { filter, sort, group } = useSearch({ from: "/signed-in/projects/$project" });
  const parameters: TaskParameters = { filter, sort };
  useRowKeys(project);
  return (
    <Stack gap="sm">
      <FilterBar project={project} sorts groups="whole" />
      <ColumnChooser project={project} />
      {group === undefined ? (
        <PagedTable project={project} parameters={parameters} isMain />
      ) : (
        <GroupedList project={project} parameters={parameters} group={group} />
      )}
      <SelectionTools project={project} />
    </Stack>
  );
}
