/** A new task from one line. The dialog is loaded when it is first asked for. */

import { lazy, Suspense } from "react";

import { useQuickAddWish } from "./opening";

const QuickAddDialog = lazy(() => import("./QuickAddDialog"));

export function QuickAdd() {
  const wish = useQuickAddWish();
  if (wish === null) return null;
  return (
    <Suspense>
      <QuickAddDialog wish={wish} />
    </Suspense>
  );
}
