/** Filters and orders that are kept under a name: mine, and those that a project shares. */

import { ActionIcon, Button, Checkbox, Group, Popover, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { ViewCreate, ViewRead } from "@/api/schema";
import { useMe } from "@/api/session";
import type { ProjectSearch } from "@/app/search";
import { may, useProjectParts } from "@/features/projects/queries";
import { texts } from "@/texts";
import { tell, tellUndoable } from "@/ui/toasts";

import { viewsQuery } from "./queries";

const words = texts.filters;

type Props = { project: string; search: ProjectSearch; onChange: (next: Partial<ProjectSearch>) => void };

export function SavedViews({ project: key, search, onChange }: Props) {
  const { project } = useProjectParts(key);
  const views = useQuery(viewsQuery(project.id)).data ?? [];
  const [opened, setOpened] = useState(false);
  const chosen = views.find((view) => view.id === search.view);
  const choose = (view: ViewRead) => {
    onChange({ filter: view.filter === "" ? undefined : view.filter, sort: view.sort ?? undefined, view: view.id });
    setOpened(false);
  };

  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus withinPortal>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconBookmark size={16} aria-hidden />}
          onClick={() => setOpened(!opened)}
          aria-expanded={opened}
        >
          {chosen?.name ?? words.views}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.views}>
        <Stack gap="xs">
          {views.length === 0 && <Text size="sm">{words.noViews}</Text>}
          {views.map((view) => (
            <Row key={view.id} view={view} project={key} isChosen={view === chosen} onChoose={() => choose(view)} />
          ))}
          {chosen !== undefined && <Update view={chosen} search={search} onDone={() => setOpened(false)} />}
          <SaveAs
            project={key}
            search={search}
            mayShare={may(project, "editor")}
            onSaved={(view) => {
              onChange({ view: view.id });
              setOpened(false);
            }}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Row({
  view,
  project,
  isChosen,
  onChoose,
}: {
  view: ViewRead;
  project: string;
  isChosen: boolean;
  onChoose: () => void;
}) {
  const client = useQueryClient();
  const me = useMe();
  const refresh = () => client.invalidateQueries({ queryKey: ["views"] });
  const create = (body: ViewCreate) => answer(api.POST("/api/v1/views", { body }));
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/views/{view_id}", { params: { path: { view_id: view.id } } })),
    onSuccess: async () => {
      await refresh();
      const { name, filter, sort, shared } = view;
      const kept = { name, filter, sort, shared, project: view.project_id === null ? null : project };
      tellUndoable(words.viewDeleted(name), () => create(kept).then(refresh));
    },
  });
  return (
    <Group justify="space-between" wrap="nowrap">
      <UnstyledButton onClick={onChoose} aria-current={isChosen} flex={1}>
        <Text size="sm" fw={isChosen ? 700 : 400}>
          {view.name}{" "}
          {view.shared && (
            <Text span size="xs" c="dimmed">
              {words.shared}
            </Text>
          )}
        </Text>
      </UnstyledButton>
      {view.created_by === me.id && (
        <ActionIcon variant="subtle" aria-label={words.deleteView(view.name)} onClick={() => remove.mutate()}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

function Update({ view, search, onDone }: { view: ViewRead; search: ProjectSearch; onDone: () => void }) {
  const client = useQueryClient();
  const isSame = view.filter === (search.filter ?? "") && view.sort === (search.sort ?? null);
  const update = useMutation({
    mutationFn: () =>
      answer(
        api.PATCH("/api/v1/views/{view_id}", {
          params: { path: { view_id: view.id } },
          body: { filter: search.filter ?? "", sort: search.sort ?? null },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["views"] });
      tell(words.viewSaved(view.name));
      onDone();
    },
  });
  if (isSame) return null;
  return (
    <Button variant="light" size="compact-sm" onClick={() => update.mutate()} loading={update.isPending}>
      {words.updateView(view.name)}
    </Button>
  );
}

type SaveAsProps = { project: string; search: ProjectSearch; mayShare: boolean; onSaved: (view: ViewRead) => void };

function SaveAs({ project, search, mayShare, onSaved }: SaveAsProps) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/views", {
          body: { name: name.trim(), filter: search.filter ?? "", sort: search.sort ?? null, project, shared },
        }),
      ),
    onSuccess: async (view) => {
      await client.invalidateQueries({ queryKey: ["views"] });
      tell(words.viewSaved(view.name));
      onSaved(view);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="xs">
        <TextInput
          label={words.viewName}
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {mayShare && (
          <Checkbox
            label={words.shareView}
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        )}
        <Button type="submit" variant="default" size="xs" loading={save.isPending}>
          {words.saveAs}
        </Button>
      </Stack>
    </form>
  );
}
