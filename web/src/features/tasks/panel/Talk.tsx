/** What people say, what happened, and how long it took, one of them at a time. */

import { Tabs } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

import { Comments } from "@/features/tasks/comments/Comments";
import { texts } from "@/texts";
import { Waiting } from "@/ui/Waiting";

import { useOpenTask } from "./openTask";
import { useSeen } from "./Section";

const History = lazy(() => import("./history/History"));
const TimeEntries = lazy(() => import("./time/TimeEntries"));

const words = texts.task.talk;

export function Talk() {
  const { task } = useOpenTask();
  const [ref, seen] = useSeen();
  const [tab, setTab] = useState<string | null>("comments");
  const count = task.comments_count ?? 0;
  return (
    <section ref={ref} aria-label={words.title}>
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="comments">{count === 0 ? words.comments : words.commentsCount(count)}</Tabs.Tab>
          <Tabs.Tab value="history">{words.history}</Tabs.Tab>
          <Tabs.Tab value="time">{words.time}</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Waiting size="sm" />}>
          <Tabs.Panel value="comments">
            <Comments enabled={seen} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <History />
          </Tabs.Panel>
          <Tabs.Panel value="time">
            <TimeEntries />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </section>
  );
}
