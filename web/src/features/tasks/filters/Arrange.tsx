/** By what a view sorts and groups. */

import { NativeSelect } from "@mantine/core";

import type { GroupBy } from "@/api/schema";
import type { ProjectSearch } from "@/app/search";
import { texts } from "@/texts";

import classes from "./FilterBar.module.css";

const words = texts.filters;
const SORTS = ["rank", "due", "-due", "-priority", "title", "number", "-number", "-updated_at", "-created_at"] as const;
const GROUPS: readonly GroupBy[] = ["status", "assignee", "priority", "label", "due"];

type Props = {
  search: ProjectSearch;
  onChange: (next: Partial<ProjectSearch>) => void;
  sorts: boolean;
  groups: Ungrouped | undefined;
};

/** What a view shows while no group is chosen: one whole list, or the columns of a board. */
export type Ungrouped = "whole" | "status";

export function Arrange({ search, onChange, sorts, groups }: Props) {
  // A sort of several terms, set by a heading of the list or by an address, has no name here.
  const isNamed = search.sort === undefined || SORTS.some((sort) => sort === search.sort);
  return (
    <>
      {sorts && (
        <NativeSelect
          className={classes.arrange}
          aria-label={words.sort}
          value={search.sort ?? ""}
          onChange={(event) => onChange({ sort: event.currentTarget.value || undefined })}
          data={[
            { value: "", label: words.sorts.rank },
            ...SORTS.filter((sort) => sort !== "rank").map((sort) => ({ value: sort, label: words.sorts[sort] })),
            ...(isNamed ? [] : [{ value: search.sort ?? "", label: search.sort ?? "" }]),
          ]}
        />
      )}
      {groups !== undefined && (
        <NativeSelect
          className={classes.arrange}
          aria-label={words.group}
          value={search.group ?? ""}
          onChange={(event) => onChange({ group: GROUPS.find((group) => group === event.currentTarget.value) })}
          data={[
            { value: "", label: groups === "status" ? words.groups.status : words.noGroup },
            ...GROUPS.filter((group) => group !== groups).map((group) => ({
              value: group,
              label: words.groups[group],
            })),
          ]}
        />
      )}
    </>
  );
}
