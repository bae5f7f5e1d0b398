/** What the lists of the administration are narrowed by, kept in the address. */

import { useNavigate, useSearch } from "@tanstack/react-router";

import { type AdminSearch, adminSearch } from "@/app/search";

export function useNarrowing(part: string): [AdminSearch, (change: AdminSearch) => void] {
  const given = adminSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const narrow = (change: AdminSearch) =>
    void navigate({ to: "/admin/$part", params: { part }, search: { ...given, ...change }, replace: true });
  return [given, narrow];
}
