/** Finds a task by its key or by words, to point at it. */

import { Combobox, Group, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "@/api/client";
import type { TaskRead } from "@/api/schema";
import { StatusIcon } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

const words = texts.task.search;
const MOST = 10;

type Props = {
  label: string;
  onPick: (task: TaskRead) => void;
  /** Only tasks of this project; without one, of all mine. */
  project?: string;
  /** The id of the task that does the pointing. */
  except?: string;
  autoFocus?: boolean;
  onLeave?: () => void;
};

export function TaskSearch({ label, onPick, project, except, autoFocus = false, onLeave }: Props) {
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed.trim(), 200);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const found = useQuery({
    queryKey: ["search", "task", project ?? null, asked],
    queryFn: () => search(asked, project),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
  });
  const tasks = (asked === "" ? [] : (found.data ?? [])).filter((task) => task.id !== except);
  return (
    <Combobox
      store={combobox}
      withinPortal
      onOptionSubmit={(id) => {
        const task = tasks.find((one) => one.id === id);
        if (task === undefined) return;
        setTyped("");
        combobox.closeDropdown();
        onPick(task);
      }}
    >
      <Combobox.Target>
        <TextInput
          aria-label={label}
          placeholder={words.placeholder}
          size="xs"
          value={typed}
          autoFocus={autoFocus}
          rightSection={found.isFetching ? <Loader size={14} aria-hidden /> : undefined}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
          onBlur={() => {
            combobox.closeDropdown();
            onLeave?.();
          }}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            event.stopPropagation();
            setTyped("");
            onLeave?.();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={asked === ""}>
        <Combobox.Options aria-label={words.found}>
          {tasks.map((task) => (
            <Combobox.Option key={task.id} value={task.id}>
              <Group gap={6} wrap="nowrap">
                <StatusIcon category={task.status_category} />
                <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                  {task.key}
                </Text>
                <Text size="sm" lineClamp={1}>
                  {task.title}
                </Text>
              </Group>
            </Combobox.Option>
          ))}
          {tasks.length === 0 && (
            <Combobox.Empty>{found.isFetching ? texts.common.loading : words.nothing}</Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

async function search(q: string, project?: string): Promise<TaskRead[]> {
  const query = { q, type: ["task" as const], limit: MOST, ...(project === undefined ? {} : { project }) };
  const { items } = await answer(api.GET("/api/v1/search", { params: { query } }));
  return items.flatMap((item) => (item.type === "task" ? [item.task] : []));
}
