/** Around every page, also those for who is not signed in. */

import { Outlet } from "@tanstack/react-router";

import { TabTitle } from "./TabTitle";

export function Root() {
  return (
    <>
      <TabTitle />
      <Outlet />
    </>
  );
}
