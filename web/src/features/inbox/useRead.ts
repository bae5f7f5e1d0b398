/** Marking messages as read. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { NotificationsRead } from "@/api/schema";

import { tellTabs } from "./tabs";

export function useRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NotificationsRead) => answer(api.POST("/api/v1/notifications/read", { body })),
    onSuccess: tellTabs,
    onSettled: () => client.invalidateQueries({ queryKey: ["notifications"] }),
  });
}
