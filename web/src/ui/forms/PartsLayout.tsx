/** Settings in parts: their names at the side, the open one beside them. */

import { useLocation } from "@tanstack/react-router";
import { Fragment, type ReactNode, Suspense, useRef } from "react";

import { Pending } from "@/app/edges";

import { useOpenInSight } from "../rowInSight";
import classes from "./PartsLayout.module.css";

type PartLink = { className: string | undefined; "aria-current": "page" | undefined; children: string };
type Props<Part extends string> = {
  label: string;
  parts: readonly Part[];
  open: Part;
  words: Record<Part, string>;
  link: (part: Part, props: PartLink) => ReactNode;
  children: ReactNode;
};

export function PartsLayout<Part extends string>({ label, parts, open, words, link, children }: Props<Part>) {
  const { pathname } = useLocation();
  const navigation = useRef<HTMLElement>(null);
  useOpenInSight(navigation, pathname);
  return (
    <div className={classes.layout}>
      <nav ref={navigation} aria-label={label} className={classes.parts}>
        {parts.map((part) => (
          <Fragment key={part}>
            {link(part, {
              className: classes.part,
              "aria-current": part === open ? "page" : undefined,
              children: words[part],
            })}
          </Fragment>
        ))}
      </nav>
      <div>
        <Suspense fallback={<Pending />}>{children}</Suspense>
      </div>
    </div>
  );
}
