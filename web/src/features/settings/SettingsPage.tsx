/** What belongs to one person, in parts that the address names. */

import { Title } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { lazy } from "react";

import { NotFound } from "@/app/edges";
import { texts } from "@/texts";
import { PartsLayout } from "@/ui/forms/PartsLayout";

const words = texts.account;

const PARTS = {
  profile: lazy(() => import("./ProfilePart")),
  notifications: lazy(() => import("./NotificationsPart")),
  password: lazy(() => import("./PasswordPart")),
  "second-factor": lazy(() => import("./SecondFactorPart")),
  sessions: lazy(() => import("./SessionsPart")),
  tokens: lazy(() => import("./TokensPart")),
  identities: lazy(() => import("./IdentitiesPart")),
  feeds: lazy(() => import("./FeedsPart")),
  data: lazy(() => import("./DataPart")),
};
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

export default function SettingsPage() {
  const { part = "profile" } = useParams({ strict: false });
  const open = NAMES.find((name) => name === part);
  if (open === undefined) return <NotFound />;
  const Open = PARTS[open];
  return (
    <>
      <Title order={1} size="h3" mb="md">
        {words.title}
      </Title>
      <PartsLayout
        label={words.title}
        parts={NAMES}
        open={open}
        words={words.parts}
        link={(part, props) => <Link {...props} to="/settings/$part" params={{ part }} />}
      >
        <Open />
      </PartsLayout>
    </>
  );
}
