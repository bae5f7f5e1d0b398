/** What a rule does, as rows of a form. What the form has no words for is kept as it is. */

import type { Priority, RuleRead } from "@/api/schema";
import { PRIORITIES } from "@/features/tasks/pickers/choices";

export type Action = RuleRead["actions"][number];
export type ActionKind = "status" | "priority" | "assign" | "label" | "comment" | "notify" | "other";
export type ActionRow = { id: string; kind: ActionKind; value: string; kept?: Action };

export function rowOf(kind: ActionKind, value = "", kept?: Action): ActionRow {
  return { id: crypto.randomUUID(), kind, value, kept };
}

export function rowsOf(actions: readonly Action[]): ActionRow[] {
  return actions.map((action) => {
    if (action.type === "comment") return rowOf("comment", action.body);
    if (action.type === "notify") {
      const ids = action.user_ids ?? [];
      return ids.length > 1 ? rowOf("other", "", action) : rowOf("notify", ids[0] ?? "");
    }
    const [[name, value] = ["", undefined], ...more] = Object.entries(action.patch);
    if (more.length === 0 && name === "status" && typeof value === "string") return rowOf("status", value);
    if (more.length === 0 && name === "priority" && typeof value === "string") return rowOf("priority", value);
    const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : undefined;
    if (more.length === 0 && name === "add_assignee_ids" && typeof only === "string") return rowOf("assign", only);
    if (more.length === 0 && name === "add_label_ids" && typeof only === "string") return rowOf("label", only);
    return rowOf("other", "", action);
  });
}

export function actionsOf(rows: readonly ActionRow[]): Action[] {
  return rows.flatMap(({ kind, value, kept }): Action[] => {
    switch (kind) {
      case "status":
        return [{ type: "patch", patch: { status: value } }];
      case "priority":
        return [{ type: "patch", patch: { priority: PRIORITIES.find((one): one is Priority => one === value) } }];
      case "assign":
        return [{ type: "patch", patch: { add_assignee_ids: [value] } }];
      case "label":
        return [{ type: "patch", patch: { add_label_ids: [value] } }];
      case "comment":
        return [{ type: "comment", body: value }];
      case "notify":
        return [{ type: "notify", user_ids: value === "" ? [] : [value] }];
      case "other":
        return kept === undefined ? [] : [kept];
    }
  });
}
