/** Commands and projects by name: Ctrl-K. It is loaded when it is first asked for. */

import { lazy, Suspense, useState } from "react";

import { typeAhead } from "@/keyboard/typedAhead";
import { useKeys } from "@/keyboard/useKeys";

const PaletteDialog = lazy(() => import("./PaletteDialog"));

export function Palette() {
  const [isAsked, setAsked] = useState(false);
  const ask = () => {
    typeAhead();
    setAsked(true);
  };
  useKeys({ palette: ask }, !isAsked);
  if (!isAsked) return null;
  return (
    <Suspense>
      <PaletteDialog />
    </Suspense>
  );
}
