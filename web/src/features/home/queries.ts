/** My open tasks by when they are due, and the newest changes that I may see. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { TaskGroups } from "@/api/schema";
import { messagesQuery } from "@/features/inbox/queries";

const FIRST = 20;
const MESSAGES = 8;

export const agendaQuery = () =>
  queryOptions({
    queryKey: ["tasks", "mine", { group_by: "due" }],
    queryFn: async () =>
      (await answer(
        api.GET("/api/v1/tasks", {
          params: {
            query: { assignee: ["me"], open: true, group_by: "due", sort: "due", expand: ["project"], limit: FIRST },
          },
        }),
      )) as TaskGroups,
  });

export const latelyQuery = () => messagesQuery({ limit: MESSAGES });
