/** The frame around every page of somebody who is signed in. */

import { AppShell, Burger, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Navigate, Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

import { useSession } from "@/api/session";
import { QuickAdd } from "@/features/tasks/quick/QuickAdd";
import { KeySheet } from "@/keyboard/KeySheet";
import { useLive } from "@/live/useLive";
import { texts } from "@/texts";
import { Afterwards } from "@/ui/Afterwards";

import { AccountMenu } from "./AccountMenu";
import { Navigation } from "./Navigation";
import { Palette } from "./Palette";
import { TopBar } from "./TopBar";
import { useShellKeys } from "./useShellKeys";

export default function Shell() {
  const session = useSession();
  const { href, pathname } = useLocation();
  // The address is the next one already while its page is loaded: it is no place to come back to.
  if (session === null && pathname === "/sign-in") return null;
  if (session === null) return <Navigate to="/sign-in" search={{ next: pathname === "/" ? undefined : href }} />;
  return <Frame key={session.user.id} />;
}

function Frame() {
  const [opened, { toggle, close }] = useDisclosure();
  const live = useLive();
  const { pathname } = useLocation();
  useShellKeys();
  useFocusKept();
  // On a phone the menu lies over the page that it leads to.
  useEffect(close, [pathname, close]);

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 240, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "xs", sm: "md" }}
    >
      <a className="skip-link" href="#content">
        {texts.shell.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={texts.shell.menu}
            aria-expanded={opened}
          />
          <Text component={Link} to="/" fw={700} c="inherit" td="none" visibleFrom="xs">
            {texts.shell.name}
          </Text>
          <TopBar />
          <AccountMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label={texts.shell.navigation}>
        <Afterwards>
          <Navigation />
        </Afterwards>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {live === "away" && (
          <Text role="status" size="sm" className="offline">
            {texts.shell.offline}
          </Text>
        )}
        <Outlet />
        {/* What opens over the page is drawn here by the library, so that it is in a landmark. */}
        <div data-portal data-mantine-shared-portal-node />
      </AppShell.Main>
      {/* Closed they cost next to nothing, and their keys are heard as soon as the page is seen. */}
      <QuickAdd />
      <Palette />
      <KeySheet />
    </AppShell>
  );
}

/** What had the focus may be gone with its page: then it is at the beginning of the next one, not of the window. */
function useFocusKept(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        // At first there was nothing that could have had it, and Tab begins at the skip link.
        if (fromLocation !== undefined && pathChanged && document.activeElement === document.body) {
          document.getElementById("content")?.focus({ preventScroll: true });
        }
      }),
    [router],
  );
}
