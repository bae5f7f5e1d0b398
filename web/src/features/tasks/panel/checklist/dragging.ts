/** How a row of a list is dragged by its handle. */

import { Accessibility, Cursor, PointerSensor, PreventSelection } from "@dnd-kit/dom";
import type { DragDropProvider } from "@dnd-kit/react";
import type { ComponentProps } from "react";

type Provided = ComponentProps<typeof DragDropProvider>;

// The keys are heard by the handle itself: an arrow moves the row at once.
export const SENSORS: Provided["sensors"] = [PointerSensor];

// The first speaks of ids, and the list speaks for itself. The others write rules for every element of the page.
const UNWANTED: unknown[] = [Accessibility, Cursor, PreventSelection];

export const PLUGINS: Provided["plugins"] = (defaults) => defaults.filter((plugin) => !UNWANTED.includes(plugin));
