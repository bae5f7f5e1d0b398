/** Keys that lead from anywhere to anywhere, and take back the last change. */

import { useNavigate, useParams } from "@tanstack/react-router";

import { openQuickAdd } from "@/features/tasks/quick/opening";
import { type KeyHandlers, useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";
import { tell, tellProblem } from "@/ui/toasts";
import { undoLast } from "@/ui/undo";

import { written } from "../writing";

const VIEWS = {
  goBoard: "/projects/$project/board",
  goList: "/projects/$project/list",
  goCalendar: "/projects/$project/calendar",
  goTimeline: "/projects/$project/timeline",
  goAnalytics: "/projects/$project/analytics",
  goSettings: "/projects/$project/settings",
} as const;

export function useShellKeys(): void {
  const navigate = useNavigate();
  const { project } = useParams({ strict: false });
  const toView = (view: keyof typeof VIEWS) => () => {
    if (project === undefined) return false;
    void navigate({ to: VIEWS[view], params: { project }, search: true });
    return true;
  };
  const keys: KeyHandlers = {
    goHome: () => void navigate({ to: "/" }),
    goInbox: () => void navigate({ to: "/inbox" }),
    goProjects: () => void navigate({ to: "/projects" }),
    goBoard: toView("goBoard"),
    goList: toView("goList"),
    goCalendar: toView("goCalendar"),
    goTimeline: toView("goTimeline"),
    goAnalytics: toView("goAnalytics"),
    goSettings: toView("goSettings"),
    create: () => openQuickAdd({ project }),
    undo: () => void undoLast(written).then((isDone) => isDone && tell(texts.tasks.reverted), tellProblem),
  };
  useKeys(keys, true, true);
}
