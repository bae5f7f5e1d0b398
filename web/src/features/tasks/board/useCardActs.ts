/** What clicks on cards do, the same functions for all of them. */

import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { extendTo, toggle } from "../selecting/selection";
import type { CardActs } from "./CardFace";
import type { OpenMenu } from "./CardMenu";

export function useCardActs(openMenu: (menu: OpenMenu) => void): CardActs {
  const navigate = useNavigate({ from: "/projects/$project/board" });
  return useMemo(
    () => ({
      open: (event, { key }) => {
        // Another tab, or a window: what browsers do with links.
        if (event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        if (event.shiftKey) extendTo(key);
        else void navigate({ search: (before) => ({ ...before, task: key }) });
      },
      select: (event, { key }) => (event.shiftKey ? extendTo(key) : toggle(key)),
      menu: (button, task, column) => openMenu({ button, task, column }),
    }),
    [navigate, openMenu],
  );
}
