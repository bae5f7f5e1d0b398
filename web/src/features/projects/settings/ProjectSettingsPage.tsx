/** How a project is set up, in parts that the address names; each caller sees those in which they may do something. */

import { Link, useParams } from "@tanstack/react-router";
import { lazy } from "react";

import type { ProjectRead } from "@/api/schema";
import { NotFound } from "@/app/edges";
import { texts } from "@/texts";
import { PartsLayout } from "@/ui/forms/PartsLayout";

import { holds, may, useProjectParts } from "../queries";

const words = texts.projectSettings;
const editor = (project: ProjectRead) => may(project, "editor");
const admin = (project: ProjectRead) => may(project, "admin");
// What is there to take access away stays when a project is archived.
const keeper = (project: ProjectRead) => holds(project, "admin");
const anybody = () => true;

const PARTS = {
  general: [keeper, lazy(() => import("./GeneralPart"))],
  members: [anybody, lazy(() => import("./members/MembersPart"))],
  "share-links": [keeper, lazy(() => import("./ShareLinksPart"))],
  statuses: [editor, lazy(() => import("./statuses/StatusesPart"))],
  labels: [editor, lazy(() => import("./LabelsPart"))],
  fields: [editor, lazy(() => import("./fields/FieldsPart"))],
  plans: [editor, lazy(() => import("./plans/PlansPart"))],
  templates: [editor, lazy(() => import("./templates/TemplatesPart"))],
  rules: [admin, lazy(() => import("./rules/RulesPart"))],
  webhooks: [keeper, lazy(() => import("./webhooks/WebhooksPart"))],
  import: [editor, lazy(() => import("./imports/ImportPart"))],
  export: [anybody, lazy(() => import("./ExportPart"))],
  copy: [anybody, lazy(() => import("./CopyPart"))],
  leaving: [anybody, lazy(() => import("./LeavingPart"))],
} as const;
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

export default function ProjectSettingsPage() {
  const { project: key } = useParams({ from: "/signed-in/projects/$project" });
  const { part } = useParams({ strict: false });
  const { project } = useProjectParts(key);
  const offered = NAMES.filter((name) => PARTS[name][0](project));
  const open = part === undefined ? offered[0] : offered.find((name) => name === part);
  if (open === undefined) return <NotFound order={2} />;
  const Open = PARTS[open][1];
  return (
    <PartsLayout
      label={words.navigation}
      parts={offered}
      open={open}
      words={words.parts}
      link={(part, props) => (
        <Link
          {...props}
          to="/projects/$project/settings/$part"
          params={{ project: key, part }}
          search={(before) => ({ ...before, task: undefined })}
        />
      )}
    >
      <Open project={project} />
    </PartsLayout>
  );
}
