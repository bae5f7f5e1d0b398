/** Makes a task of the line in the dialog, tells its key, and offers the way there. */

import { useNavigate, useParams } from "@tanstack/react-router";

import type { TaskRead } from "@/api/schema";
import { texts } from "@/texts";
import { tellOpenable } from "@/ui/toasts";

import { projectOf } from "../queries";
import { useCreateFromLine } from "./creating";
import { rememberProject } from "./drafts";

export function useQuickCreate(onDone: () => void) {
  const navigate = useNavigate();
  const { project: here } = useParams({ strict: false });
  const open = (task: TaskRead) => {
    const project = projectOf(task.key);
    if (project !== here) void navigate({ to: "/tasks/$task", params: { task: task.key } });
    else void navigate({ to: ".", search: (before) => ({ ...before, task: task.key }) });
  };
  return useCreateFromLine((task) => {
    rememberProject(projectOf(task.key));
    tellOpenable(texts.tasks.created(task.key), () => open(task));
    onDone();
  });
}
