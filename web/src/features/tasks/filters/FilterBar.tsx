/** What every view of a project's tasks is narrowed by: chips, the filter language, sort, group and saved views. */

import { ActionIcon, Group, Pill } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";

import type { ProjectSearch } from "@/app/search";
import { texts } from "@/texts";

import { AddFilter } from "./AddFilter";
import { FilterField } from "./FilterField";
import { isPlain, termsOf, without, withTerm } from "./language";
import { SavedViews } from "./SavedViews";
import { Arrange, type Ungrouped } from "./Arrange";

type Props = {
  project: string;
  /** What this view can do beside filtering. */
  sorts?: boolean;
  groups?: Ungrouped;
};

export function FilterBar({ project, sorts = false, groups }: Props) {
  const search = useSearch({ from: "/signed-in/projects/$project" });
  const navigate = useNavigate();
  const filter = search.filter ?? "";
  const change = (next: Partial<ProjectSearch>) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...next }), replace: true });
  const apply = (next: string) => change({ filter: next === "" ? undefined : next });
  const chips = isPlain(filter) ? termsOf(filter) : [];

  return (
    <section aria-label={texts.filters.bar}>
      <Group gap="xs" align="flex-start">
        <FilterField project={project} value={filter} onApply={apply} />
        <AddFilter project={project} onAdd={(term) => apply(withTerm(filter, term))} />
        <Arrange search={search} onChange={change} sorts={sorts} groups={groups} />
        <SavedViews project={project} search={search} onChange={change} />
      </Group>
      {chips.length > 0 && (
        <Group gap={6} mt={6} role="group" aria-label={texts.filters.chips}>
          {chips.map((term) => (
            <Pill
              key={term.start}
              withRemoveButton
              onRemove={() => apply(without(filter, term))}
              removeButtonProps={{ "aria-label": texts.filters.remove(term.text), "aria-hidden": false, tabIndex: 0 }}
            >
              {term.text}
            </Pill>
          ))}
          <ActionIcon size="sm" variant="subtle" aria-label={texts.filters.clear} onClick={() => apply("")}>
            <IconX size={14} aria-hidden />
          </ActionIcon>
        </Group>
      )}
    </section>
  );
}
