/** A change as the lists of the log give it: before and after, by field. */

import type { ChangeRead } from "@/api/schema";

export type Change = Omit<ChangeRead, "changes"> & { changes: Record<string, unknown[]> };
