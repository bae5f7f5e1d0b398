/** What is planned above single tasks: milestones and cycles. */

import type { ProjectRead } from "@/api/schema";

import { Cycles } from "./Cycles";
import { Milestones } from "./Milestones";

export default function PlansPart({ project }: { project: ProjectRead }) {
  return (
    <>
      <Milestones project={project} />
      <Cycles project={project} />
    </>
  );
}
