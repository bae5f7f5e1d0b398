/** Where the page begins. */

import "./app/library";
import "./app/page.css";
import "./app/writing";

import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Problem, Unreachable } from "./api/problems";
import { App } from "./app/App";
import { isMissingPart } from "./app/renewal";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const page = createRoot(root, {
  // What was refused or not reached stands on the page, in the place of what it concerns; it is no fault of the page.
  onCaughtError: (error) => {
    const isTold = error instanceof Problem || error instanceof Unreachable || isMissingPart(error);
    if (!isTold) reportError(error);
  },
});
// As a transition it is drawn in slices, between which the browser may paint.
startTransition(() =>
  page.render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
