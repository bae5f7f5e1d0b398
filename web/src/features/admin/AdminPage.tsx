/** For whoever looks after the service: people, jobs, the audit, and how it is. */

import { Text, Title } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { lazy } from "react";

import { useMe } from "@/api/session";
import { NotFound } from "@/app/edges";
import { texts } from "@/texts";
import { PartsLayout } from "@/ui/forms/PartsLayout";

const words = texts.admin;

const PARTS = {
  users: lazy(() => import("./UsersPart")),
  jobs: lazy(() => import("./JobsPart")),
  audit: lazy(() => import("./AuditPart")),
  health: lazy(() => import("./HealthPart")),
};
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

export default function AdminPage() {
  const me = useMe();
  const { part = "users" } = useParams({ strict: false });
  const open = NAMES.find((name) => name === part);
  if (open === undefined) return <NotFound />;
  const Open = PARTS[open];
  return (
    <>
      <Title order={1} size="h3" mb="md">
        {words.title}
      </Title>
      {me.role !== "admin" ? (
        <Text>{words.forbidden}</Text>
      ) : (
        <PartsLayout
          label={words.title}
          parts={NAMES}
          open={open}
          words={words.parts}
          link={(part, props) => <Link {...props} to="/admin/$part" params={{ part }} />}
        >
          <Open />
        </PartsLayout>
      )}
    </>
  );
}
