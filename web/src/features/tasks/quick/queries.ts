/** What a line of text is taken for, before anything is made of it. Key: ["quick", project, text]. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";

export const previewQuery = (project: string | undefined, text: string) =>
  queryOptions({
    queryKey: ["quick", project, text],
    queryFn: () =>
      answer(
        api.POST("/api/v1/tasks/quick", {
          params: { header: { Prefer: "validate-only" } },
          body: { text, project },
        }),
      ),
    // What is wrong with a text does not become right by asking again.
    retry: false,
    gcTime: 60_000,
  });
