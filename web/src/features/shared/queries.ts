/** What a share link lets anybody read. Keys: ["shared", token, password, part]. */

import { infiniteQueryOptions, queryOptions, skipToken } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import { download } from "@/api/download";
import type { AttachmentRead, SharedChart } from "@/api/schema";

export type Opened = { token: string; password: string };

const header = ({ password }: Opened): Record<string, string> =>
  password === "" ? {} : { "X-Share-Password": password };

/** What the project is called, for who does not know by which password it was opened; it is not asked for. */
export const sharedNameQuery = (token: string) =>
  queryOptions<string>({ queryKey: ["shared-name", token], queryFn: skipToken });

export const sharedQuery = (opened: Opened) =>
  queryOptions({
    queryKey: ["shared", opened.token, opened.password],
    queryFn: async ({ client }) => {
      const params = { path: { token: opened.token }, header: header(opened) };
      const project = await answer(api.GET("/api/v1/shared/{token}", { params }));
      client.setQueryData(sharedNameQuery(opened.token).queryKey, project.name);
      return project;
    },
  });

export const sharedTasksQuery = (opened: Opened) =>
  infiniteQueryOptions({
    queryKey: ["shared", opened.token, opened.password, "tasks"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/shared/{token}/tasks", {
          params: {
            path: { token: opened.token },
            header: header(opened),
            query: { limit: 200, sort: "rank", ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export const sharedChartQuery = (opened: Opened, chart: SharedChart) =>
  queryOptions({
    queryKey: ["shared", opened.token, opened.password, "chart", chart],
    queryFn: () =>
      answer(
        api.GET("/api/v1/shared/{token}/charts/{chart}.svg", {
          params: { path: { token: opened.token, chart }, header: header(opened) },
          parseAs: "text",
        }),
      ),
  });

export const sharedFilesQuery = (opened: Opened, task: string) =>
  queryOptions({
    queryKey: ["shared", opened.token, opened.password, "files", task],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/shared/{token}/tasks/{task}/attachments", {
            params: { path: { token: opened.token, task }, header: header(opened), query: { limit: 200 } },
          }),
        )
      ).items,
  });

export function downloadShared(opened: Opened, file: Pick<AttachmentRead, "id" | "name">): Promise<void> {
  const address = `/api/v1/shared/${encodeURIComponent(opened.token)}/attachments/${file.id}/content`;
  return download(address, file.name, header(opened));
}
