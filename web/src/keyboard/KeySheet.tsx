/** All keys on one sheet: `?`. Drawn from the table that the keys themselves come from. */

import { Group, Kbd, Modal, SimpleGrid, Table, Title } from "@mantine/core";
import { Fragment, useSyncExternalStore } from "react";

import { texts } from "@/texts";

import { KEYMAP, type KeyAction, type KeyGroup, shown } from "./keymap";
import { useKeys } from "./useKeys";

const listeners = new Set<() => void>();
let isOpen = false;

export function openKeySheet(): void {
  set(true);
}

export function KeySheet() {
  const opened = useSyncExternalStore(subscribe, () => isOpen);
  useKeys({ help: () => set(!isOpen) });
  const groups = Object.keys(texts.keyboard.groups) as KeyGroup[];
  return (
    <Modal opened={opened} onClose={() => set(false)} title={texts.keyboard.title} size="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {groups.map((group) => (
          <section key={group}>
            <Title order={3} size="h5" mb="xs">
              {texts.keyboard.groups[group]}
            </Title>
            <Keys group={group} />
          </section>
        ))}
      </SimpleGrid>
    </Modal>
  );
}

function Keys({ group }: { group: KeyGroup }) {
  const actions = (Object.keys(KEYMAP) as KeyAction[]).filter((action) => KEYMAP[action].group === group);
  return (
    <Table>
      <Table.Tbody>
        {actions.map((action) => (
          <Table.Tr key={action}>
            <Table.Td>{texts.keyboard.actions[action]}</Table.Td>
            <Table.Td>
              <Group gap={4} justify="flex-end" wrap="nowrap">
                {KEYMAP[action].keys.map((keys: string, index) => (
                  <Fragment key={keys}>
                    {index > 0 && texts.keyboard.or}
                    {shown(keys).map((part) => (
                      <Kbd key={part}>{part}</Kbd>
                    ))}
                  </Fragment>
                ))}
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function set(next: boolean): void {
  isOpen = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
