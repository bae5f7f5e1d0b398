/** The open task, beside whatever view it was opened from. The view stays in use: nothing lies over it but on phones. */

import { Center } from "@mantine/core";
import { CatchBoundary, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, type RefObject, Suspense, useEffect, useRef } from "react";

import { useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";
import { Waiting } from "@/ui/Waiting";

import { PanelProblem } from "./PanelProblem";
import classes from "./TaskPanel.module.css";

const TaskContent = lazy(() => import("./TaskContent"));

export function TaskPanel() {
  const { task } = useSearch({ from: "/signed-in/projects/$project" });
  if (task === undefined) return null;
  return <Panel task={task} />;
}

function Panel({ task }: { task: string }) {
  const panel = useRef<HTMLElement>(null);
  const navigate = useNavigate();
  const close = () => void navigate({ to: ".", search: (before) => ({ ...before, task: undefined }) });
  useKeys({ close });
  useFocusThere(panel, task);

  // The view gets narrower instead of lying beneath.
  useEffect(() => {
    document.documentElement.dataset.panel = "open";
    return () => {
      delete document.documentElement.dataset.panel;
    };
  }, []);

  return (
    <aside ref={panel} tabIndex={-1} aria-label={texts.task.panel(task)} className={classes.panel}>
      <CatchBoundary
        getResetKey={() => task}
        errorComponent={(props) => <PanelProblem error={props.error} onClose={close} onRetry={props.reset} />}
      >
        <Suspense
          key={task}
          fallback={
            <Center h="100%">
              <Waiting />
            </Center>
          }
        >
          <TaskContent address={task} onClose={close} />
        </Suspense>
      </CatchBoundary>
    </aside>
  );
}

/** The focus goes into the panel, and back to where it was: to the card, wherever that is by then. */
function useFocusThere(panel: RefObject<HTMLElement | null>, task: string): void {
  const shown = useRef(task);
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      const card = document.querySelector(`[data-task="${CSS.escape(shown.current)}"]`);
      const places = [before === document.body ? null : before, card, document.getElementById("content")];
      places.find(takesFocus);
    };
  }, [panel]);
  // Also from one task to another, whose link has gone with the first.
  useEffect(() => {
    shown.current = task;
    panel.current?.focus({ preventScroll: true });
  }, [panel, task]);
}

function takesFocus(place: Element | null): boolean {
  if (!(place instanceof HTMLElement) || !place.isConnected) return false;
  place.focus({ preventScroll: true });
  return document.activeElement === place;
}
