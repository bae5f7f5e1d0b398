/** The board of a project: its tasks in columns, by whatever the address says. */

import { Alert, Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { may, useProjectParts } from "@/features/projects/queries";
import { texts } from "@/texts";
import { Afterwards } from "@/ui/Afterwards";
import { messageOf } from "@/ui/toasts";

import { FilterBar } from "../filters/FilterBar";
import { NoTasks } from "../NoTasks";
import { SelectionTools } from "../selecting/SelectionTools";
import { Board } from "./Board";
import classes from "./Board.module.css";
import { columnsOf, emptyColumns } from "./columns";
import { type BoardParameters, boardParameters, boardQuery } from "./queries";

export default function BoardPage() {
  const { project } = useParams({ from: "/signed-in/projects/$project" });
  return (
    <>
      <div className={classes.filters}>
        <FilterBar project={project} sorts groups="status" />
      </div>
      <Afterwards>
        <Tasks project={project} />
      </Afterwards>
      <SelectionTools project={project} />
    </>
  );
}

/** By itself: what moves here is no reason to draw the filters again. */
function Tasks({ project: key }: { project: string }) {
  const search = useSearch({ from: "/signed-in/projects/$project" });
  const parts = useProjectParts(key);
  const parameters = boardParameters(search);
  const by = parameters.group_by;
  const board = useQuery({
    ...boardQuery(key, parameters),
    // Another filter shows what was there until it has its answer; another grouping has other columns.
    placeholderData: (before, query) =>
      query?.queryKey[1] === key && groupingOf(query.queryKey) === by ? before : undefined,
  });
  const groups = board.data;
  const { statuses, labels, members } = parts;
  const columns = useMemo(
    () =>
      groups === undefined
        ? emptyColumns(by, { statuses, labels, members })
        : columnsOf(by, groups.groups, { statuses, labels, members }),
    [by, groups, statuses, labels, members],
  );
  const canMove = may(parts.project, "editor");

  return (
    <>
      {board.isError && (
        <Alert color="red" role="alert" mb="sm" title={texts.common.failed}>
          <Group justify="space-between">
            {messageOf(board.error)}
            <Button size="compact-sm" variant="default" onClick={() => void board.refetch()}>
              {texts.common.retry}
            </Button>
          </Group>
        </Alert>
      )}
      {/* By label and by person an empty project has no columns. */}
      {groups !== undefined && columns.length === 0 && (
        <NoTasks project={key} text={texts.list.emptyProject} create={texts.list.create} />
      )}
      <Board project={key} parameters={parameters} columns={columns} canMove={canMove} isLoading={board.isPending} />
    </>
  );
}

function groupingOf(key: readonly unknown[]): unknown {
  return (key[2] as Partial<BoardParameters> | undefined)?.group_by;
}
