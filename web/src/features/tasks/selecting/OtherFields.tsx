/** Every other field of the selected tasks: chosen from a menu, set in a dialog. */

import { Button, Menu, Modal } from "@mantine/core";
import { IconForms } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { BulkPatch } from "@/api/schema";
import { texts } from "@/texts";

import { useChangeTask } from "../changing";
import { useBulkChange } from "./bulk";
import { knownTasks } from "./chosen";
import { type OtherField, useOtherFields } from "./otherFields";
import { OtherValue } from "./OtherValue";
import { chosenTasks } from "./selection";

const words = texts.bulk;

type Asked = { field: OtherField; tasks: readonly string[] };

export default function OtherFields({ project, className }: { project: string; className: string | undefined }) {
  const client = useQueryClient();
  const fields = useOtherFields(project);
  const [asked, setAsked] = useState<Asked | null>(null);
  const change = useChangeTask();
  const bulk = useBulkChange();
  const close = () => setAsked(null);
  const write = (patch: BulkPatch, keys: readonly string[]) => {
    const tasks = knownTasks(client, project, keys);
    const [task] = tasks;
    if (task !== undefined && tasks.length === 1) change.mutate({ task, patch });
    else if (task !== undefined) bulk.mutate({ tasks, patch });
    close();
  };
  return (
    <>
      <Menu position="top" withinPortal returnFocus>
        <Menu.Target>
          <Button
            className={className}
            size="compact-sm"
            variant="subtle"
            leftSection={<IconForms size={16} aria-hidden />}
          >
            {words.others}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="60dvh" style={{ overflowY: "auto" }}>
          {fields.map((field) => (
            <Menu.Item key={field.id} onClick={() => setAsked({ field, tasks: chosenTasks() })}>
              {field.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asked !== null}
        onClose={close}
        title={asked === null ? "" : words.fieldOf(asked.field.name, asked.tasks)}
        size="sm"
      >
        {asked !== null && (
          <OtherValue
            key={asked.field.id}
            field={asked.field}
            onCancel={close}
            onPick={(value) => write(asked.field.patch(value), asked.tasks)}
          />
        )}
      </Modal>
    </>
  );
}
