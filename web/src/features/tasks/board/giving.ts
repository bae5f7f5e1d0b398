/** A card that is dropped on another project at the side: it goes there, with all that are selected together with it. */

import { useQueryClient } from "@tanstack/react-query";

import type { TaskExpanded } from "@/api/schema";

import { useBulkMove } from "../selecting/bulk";
import { knownTasks } from "../selecting/chosen";
import { chosenTasks, currentSelection } from "../selecting/selection";

export function useGive(project: string): (task: TaskExpanded, to: string) => void {
  const client = useQueryClient();
  const move = useBulkMove();
  return (task, to) => {
    const isSelected = currentSelection().selected.has(task.key);
    move.mutate({ tasks: isSelected ? knownTasks(client, project, chosenTasks()) : [task], project: to });
  };
}
