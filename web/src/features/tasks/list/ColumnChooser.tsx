/** Which columns the list has: kept in the address, and for the next visit on this machine. */

import { Button, Checkbox, Group, Popover, Stack } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { useProjectParts } from "@/features/projects/queries";
import { texts } from "@/texts";

import { columnsOf } from "./columns";
import { keepColumns, useColumns } from "./useColumns";

export function ColumnChooser({ project }: { project: string }) {
  const { fields } = useProjectParts(project);
  const { columns: asked } = useSearch({ from: "/signed-in/projects/$project" });
  const navigate = useNavigate();
  const shown = useColumns(project).map((column) => column.name);
  const change = (names: string[]) => {
    keepColumns(project, names);
    if (asked !== undefined || names.length > 0) {
      void navigate({ to: ".", search: (before) => ({ ...before, columns: names }), replace: true });
    }
  };

  return (
    <Group justify="flex-end">
      <Popover position="bottom-end" trapFocus withinPortal>
        <Popover.Target>
          <Button variant="subtle" size="compact-sm" leftSection={<IconColumns3 size={16} aria-hidden />}>
            {texts.list.choose}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={texts.list.choose}>
          <Checkbox.Group value={shown} onChange={change} aria-label={texts.list.choose}>
            <Stack gap={6}>
              {columnsOf(fields).map(({ name, heading }) => (
                <Checkbox key={name} value={name} label={heading} />
              ))}
            </Stack>
          </Checkbox.Group>
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}
