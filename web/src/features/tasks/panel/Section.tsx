/** A part of the panel under a heading of its own. What it loads, it loads once somebody has scrolled to it. */

import { Group, Title } from "@mantine/core";
import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";

import { useOpenTask } from "./openTask";

type Props = {
  title: string;
  /** How far it is: "2 of 5". */
  count?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  ref?: RefObject<HTMLElement | null>;
  /** Not where a field in it has the same name. */
  isNamed?: boolean;
};

export function Section({ title, count, action, children, ref, isNamed = true }: Props) {
  const id = useId();
  const { isPage } = useOpenTask();
  return (
    <section aria-labelledby={isNamed ? id : undefined} ref={ref}>
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Group gap="xs">
          <Title order={isPage ? 2 : 3} size="h6" id={id}>
            {title}
          </Title>
          {count}
        </Group>
        {action}
      </Group>
      {children}
    </section>
  );
}

/** Whether the element has come into sight, or near to it. */
export function useSeen(): [RefObject<HTMLElement | null>, boolean] {
  const ref = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || ref.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
      },
      { rootMargin: "200px" },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [seen]);
  return [ref, seen];
}
