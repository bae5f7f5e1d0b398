/** Settings in parts: their names at the side, the open one beside them. */

import { useLocation } from "@tanstack/react-router";
import { type ReactNode, Suspense, useRef } from "react";

import { Pending } from "@/app/edges";

import { useOpenInSight } from "../rowInSight";
import classes from "./PartsLayout.module.css";

type Props = { label: string; links: ReactNode; children: ReactNode };

export function PartsLayout({ label, links, children }: Props) {
  const { pathname } = useLocation();
  const parts = useRef<HTMLElement>(null);
  useOpenInSight(parts, pathname);
  return (
    <div className={classes.layout}>
      <nav ref={parts} aria-label={label} className={classes.parts}>
        {links}
      </nav>
      <div>
        <Suspense fallback={<Pending />}>{children}</Suspense>
      </div>
    </div>
  );
}

export const partClass = classes.part;
