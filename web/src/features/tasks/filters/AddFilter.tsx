/** A filter by choosing, for who does not know its language. */

import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

import { useProjectParts } from "@/features/projects/queries";
import { labelChoices, peopleChoices, priorityChoices, statusChoices } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";

import { quoted } from "./language";

const words = texts.filters;
const DUE = ["overdue", "today", "tomorrow", "next7days", "later", "none"] as const;

export function AddFilter({ project, onAdd }: { project: string; onAdd: (term: string) => void }) {
  const { statuses, labels, members } = useProjectParts(project);
  const names = new Map(members.map(({ user }) => [user.id, user.username]));
  const menus = [
    { name: words.status, choices: statusChoices(statuses).map((one) => ({ ...one, term: `status:${one.value}` })) },
    { name: words.priority, choices: priorityChoices().map((one) => ({ ...one, term: `priority:${one.value}` })) },
    {
      name: words.assignee,
      choices: [
        { value: "me", label: words.me, icon: null, term: "assignee:me" },
        { value: "none", label: texts.tasks.unassigned, icon: null, term: "assignee:none" },
        ...peopleChoices(members).map((one) => ({ ...one, term: `assignee:${names.get(one.value) ?? one.value}` })),
      ],
    },
    {
      name: words.label,
      choices: labelChoices(labels).map((one) => ({ ...one, term: `label:${quoted(one.label)}` })),
    },
    {
      name: words.due,
      choices: DUE.map((due) => ({ value: due, label: words.dues[due], icon: null, term: `due:${due}` })),
    },
  ];

  return (
    <Menu position="bottom-start" width={200}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />}>
          {words.add}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onAdd("is:open")}>{words.open}</Menu.Item>
        {menus.map((menu) => (
          <Menu.Sub key={menu.name}>
            <Menu.Sub.Target>
              <Menu.Sub.Item disabled={menu.choices.length === 0}>{menu.name}</Menu.Sub.Item>
            </Menu.Sub.Target>
            <Menu.Sub.Dropdown mah={360} style={{ overflowY: "auto" }}>
              {menu.choices.map((choice) => (
                <Menu.Item key={choice.value} leftSection={choice.icon} onClick={() => onAdd(choice.term)}>
                  {choice.label}
                </Menu.Item>
              ))}
            </Menu.Sub.Dropdown>
          </Menu.Sub>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
