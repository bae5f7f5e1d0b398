/** What the service has to do besides answering. */

import { Badge, Button, Code, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { JobState } from "@/api/schema";
import { Pending } from "@/app/edges";
import { showAgo } from "@/format/dates";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { Rows } from "@/ui/forms/Rows";
import { Section } from "@/ui/forms/Section";
import { useWrite } from "@/ui/forms/useWrite";
import { MoreButton } from "@/ui/MoreButton";

import { useNarrowing } from "./narrowing";

const words = texts.admin.jobs;
const STATES = Object.keys(words.states) as JobState[];
const EVERY_MS = 5_000;

const jobsQuery = (state: JobState | undefined) =>
  infiniteQueryOptions({
    queryKey: ["admin", "jobs", state],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/admin/jobs", {
          params: {
            query: {
              limit: 50,
              ...(state === undefined ? {} : { state }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: EVERY_MS,
  });

export default function JobsPart() {
  const [search, narrow] = useNarrowing("jobs");
  const pages = useInfiniteQuery(jobsQuery(STATES.find((one) => one === search.state)));
  const after = { loud: true, stale: [["admin", "jobs"]] };
  const path = (id: number) => ({ params: { path: { job_id: id } } });
  const retry = useWrite((id: number) => answer(api.POST("/api/v1/admin/jobs/{job_id}/retry", path(id))), after);
  const discard = useWrite((id: number) => answer(api.DELETE("/api/v1/admin/jobs/{job_id}", path(id))), after);
  return (
    <Section title={words.title} text={words.text}>
      <NativeSelect
        maw={220}
        label={words.state}
        data={[{ value: "", label: words.all }, ...STATES.map((value) => ({ value, label: words.states[value] }))]}
        value={search.state ?? ""}
        onChange={(event) =>
          narrow({ state: event.currentTarget.value === "" ? undefined : event.currentTarget.value })
        }
      />
      {pages.data === undefined ? (
        <Pending />
      ) : (
        <Rows label={words.list} items={pages.data.pages.flatMap((page) => page.items)} none={words.none}>
          {(job) => (
            <Group justify="space-between">
              <Stack gap={2} flex={1} miw={220}>
                <Group gap="xs">
                  <Text>{job.name}</Text>
                  <Badge variant="outline" color={job.state === "failed" ? "red" : "gray"} tt="none">
                    {words.states[job.state]}
                  </Badge>
                </Group>
                <Text size="sm" c="dimmed">
                  {words.details(job.attempts, showAgo(job.updated_at))}
                </Text>
                {job.error !== null && <Code block>{job.error}</Code>}
              </Stack>
              {job.state !== "running" && (
                <Group gap="xs">
                  {job.state === "failed" && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={words.retryOf(job.id)}
                      loading={retry.sending === job.id}
                      onClick={() => retry.send(job.id)}
                    >
                      {words.retry}
                    </Button>
                  )}
                  <ConfirmButton
                    label={words.discard}
                    ariaLabel={words.discardOf(job.id)}
                    question={words.discardQuestion}
                    loading={discard.sending === job.id}
                    onConfirm={() => discard.send(job.id)}
                  />
                </Group>
              )}
            </Group>
          )}
        </Rows>
      )}
      <MoreButton pages={pages} />
    </Section>
  );
}
