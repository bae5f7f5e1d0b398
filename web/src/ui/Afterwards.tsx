/** What nobody waits for: drawn after what is around it, in slices between which the page paints and answers. */

import { type ReactNode, useDeferredValue } from "react";

export function Afterwards({ children }: { children: ReactNode }) {
  return useDeferredValue(true, false) ? children : null;
}
