/** A link as this task's reader says it; the service keeps it in one direction. */

import type { LinkRead, LinkType } from "@/api/schema";

export const RELATIONS = ["blocks", "blockedBy", "relatesTo", "duplicates", "duplicatedBy"] as const;
export type Relation = (typeof RELATIONS)[number];
export const DEFAULT_RELATION: Relation = "relatesTo";

const KINDS: Record<Relation, { type: LinkType; isIncoming: boolean }> = {
  blocks: { type: "blocks", isIncoming: false },
  blockedBy: { type: "blocks", isIncoming: true },
  relatesTo: { type: "relates_to", isIncoming: false },
  duplicates: { type: "duplicates", isIncoming: false },
  duplicatedBy: { type: "duplicates", isIncoming: true },
};

export function relationOf(link: LinkRead): Relation {
  // To be about something goes both ways.
  if (link.type === "relates_to") return "relatesTo";
  const isIncoming = link.direction === "incoming";
  return RELATIONS.find((one) => KINDS[one].type === link.type && KINDS[one].isIncoming === isIncoming) ?? "relatesTo";
}

/** From which task to which it is made. */
export function sentBy(relation: Relation, mine: string, other: string): { from: string; to: string; type: LinkType } {
  const { type, isIncoming } = KINDS[relation];
  return isIncoming ? { from: other, to: mine, type } : { from: mine, to: other, type };
}
