/** The list in groups, each with its first tasks in one request; a group that has more loads them by itself. */

import { Button, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { GroupBy, TaskGroup } from "@/api/schema";
import { Pending } from "@/app/edges";
import { type ProjectParts, useProjectParts } from "@/features/projects/queries";
import { personName } from "@/features/tasks/pickers/choices";
import { groupsQuery, type TaskParameters } from "@/features/tasks/queries";
import { showing } from "@/features/tasks/selecting/selection";
import { NoTasks } from "@/features/tasks/NoTasks";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

import { PagedTable } from "./PagedTable";
import { ofGroup } from "./queries";
import { TaskTable } from "./TaskTable";

const FIRST = 50;

type Props = { project: string; parameters: TaskParameters; group: GroupBy };

export function GroupedList({ project, parameters, group }: Props) {
  const parts = useProjectParts(project);
  const { data, error } = useQuery({
    ...groupsQuery(project, { ...parameters, group_by: group, limit: FIRST }),
    placeholderData: (before) => before,
  });
  const groups = data?.groups.filter((one) => one.count > 0) ?? [];
  const order = [...new Set(groups.flatMap((one) => one.items.map((task) => task.key)))].join(" ");
  useEffect(() => showing(order === "" ? [] : order.split(" ")), [order]);

  if (error !== null) return <Text role="alert">{messageOf(error)}</Text>;
  if (data === undefined) return <Pending />;
  if (groups.length === 0)
    return <NoTasks project={project} text={texts.list.emptyProject} create={texts.list.create} />;
  return groups.map((one) => (
    <Section
      key={one.key}
      name={groupName(group, one.key, parts)}
      group={one}
      project={project}
      parameters={parameters}
      rest={ofGroup(parameters, group, one.key)}
    />
  ));
}

type SectionProps = {
  name: string;
  group: TaskGroup;
  project: string;
  parameters: TaskParameters;
  rest: TaskParameters;
};

function Section({ name, group, project, parameters, rest }: SectionProps) {
  const [isWhole, setWhole] = useState(false);
  const count = `${group.count_is_lower_bound === true ? "> " : ""}${group.count}`;
  return (
    <section aria-label={texts.list.group(name, count)}>
      <Title order={2} size="h5" mb={4}>
        {name}{" "}
        <Text span size="sm" c="dimmed">
          {count}
        </Text>
      </Title>
      {isWhole ? (
        <PagedTable project={project} parameters={rest} />
      ) : (
        <TaskTable project={project} tasks={group.items} sort={parameters.sort} />
      )}
      {!isWhole && group.next_cursor !== null && (
        <Button variant="default" size="compact-sm" onClick={() => setWhole(true)}>
          {texts.common.more}
        </Button>
      )}
    </section>
  );
}

/** What people call a group that the API names by a key or an id. */
function groupName(group: GroupBy, key: string, { statuses, labels, members }: ProjectParts): string {
  switch (group) {
    case "status":
      return statuses.find((status) => status.key === key)?.name ?? key;
    case "priority":
      return texts.tasks.priorities[key as keyof typeof texts.tasks.priorities];
    case "assignee": {
      const member = members.find(({ user }) => user.id === key);
      if (member !== undefined) return personName(member.user);
      return key === "none" ? texts.tasks.unassigned : texts.common.someone;
    }
    case "label":
      return labels.find((label) => label.id === key)?.name ?? texts.tasks.noLabel;
    case "due":
      return texts.tasks.dues[key as keyof typeof texts.tasks.dues];
  }
}
