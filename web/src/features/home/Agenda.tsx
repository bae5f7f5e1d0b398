/** My open tasks: overdue, today, soon, later, without a date. */

import { Paper, Stack, Text, Title } from "@mantine/core";
import { IconCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import type { TaskExpanded, TaskGroup } from "@/api/schema";
import { Pending } from "@/app/edges";
import { showDay, showInstant } from "@/format/dates";
import { useCompleteTask } from "@/features/tasks/changing";
import { PriorityIcon } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { messageOf, tell } from "@/ui/toasts";

import classes from "./Agenda.module.css";

const words = texts.home;
type Bucket = keyof typeof words.buckets;
const BUCKETS = Object.keys(words.buckets) as Bucket[];

export function Agenda({ groups, error }: { groups: TaskGroup[] | undefined; error: Error | null }) {
  const filled = BUCKETS.flatMap((bucket) => {
    const group = groups?.find((one) => one.key === bucket);
    return group === undefined || group.count === 0 ? [] : [{ bucket, group }];
  });
  return (
    <section aria-labelledby="agenda">
      <Title order={2} size="h4" id="agenda" mb="sm">
        {words.mine}
      </Title>
      {error !== null && <Text role="alert">{messageOf(error)}</Text>}
      {groups === undefined && error === null && <Pending />}
      {groups !== undefined && filled.length === 0 && <Text>{words.nothing}</Text>}
      <Stack gap="lg">
        {filled.map(({ bucket, group }) => (
          <section key={bucket} aria-label={words.buckets[bucket]}>
            <Title order={3} size="h6" c={bucket === "overdue" ? "var(--mantine-color-error)" : undefined} mb={4}>
              {words.buckets[bucket]}{" "}
              <Text span c="dimmed" size="sm">
                {group.count}
              </Text>
            </Title>
            <Paper withBorder>
              {group.items.map((task) => (
                <Row key={task.id} task={task} />
              ))}
            </Paper>
          </section>
        ))}
      </Stack>
    </section>
  );
}

/** Plain elements: they are many, and the first that is drawn of the page. */
function Row({ task }: { task: TaskExpanded }) {
  const complete = useCompleteTask();
  const onComplete = () => {
    // Told also where the row is gone by then, and with it what `mutate` is given.
    const completed = () => tell(words.completed(task.key));
    complete.mutateAsync(task).then(completed, () => undefined);
  };
  return (
    <div className={classes.row}>
      <button
        type="button"
        className={classes.complete}
        aria-label={words.complete(task.key)}
        aria-busy={complete.isPending}
        disabled={complete.isPending}
        onClick={onComplete}
      >
        <IconCircle size={18} aria-hidden />
      </button>
      <PriorityIcon priority={task.priority} />
      <Link to="/tasks/$task" params={{ task: task.key }} className={classes.title}>
        {task.title}
      </Link>
      <span className={classes.when}>
        {task.due_at !== null
          ? showInstant(task.due_at)
          : task.due_on !== null
            ? showDay(task.due_on)
            : task.project?.name}
      </span>
    </div>
  );
}
