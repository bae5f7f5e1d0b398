/** Loads the next page of a column. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useCallback } from "react";

import { tellProblem } from "@/ui/toasts";

import { type BoardParameters, boardQuery, longer } from "./queries";

export function useMore(project: string, parameters: BoardParameters): (column: string) => Promise<void> {
  const client = useQueryClient();
  const asked = useRef({ project, parameters });
  useEffect(() => {
    asked.current = { project, parameters };
  });
  // The same function for as long as the board is there: another would draw all columns again.
  return useCallback(
    async (column) => {
      const { project: of, parameters: by } = asked.current;
      const { queryKey } = boardQuery(of, by);
      const group = client.getQueryData(queryKey)?.groups.find(({ key }) => key === column);
      if (group === undefined) return;
      try {
        const lengthen = await longer(of, by, group);
        client.setQueryData(queryKey, (board) => board && lengthen(board));
      } catch (error) {
        tellProblem(error);
      }
    },
    [client],
  );
}
