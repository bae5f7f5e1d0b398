/** The columns that the list shows: those of the address, else those of the last visit, else the usual ones. */

import { useSearch } from "@tanstack/react-router";

import { useProjectParts } from "@/features/projects/queries";

import { type Column, shownColumns } from "./columns";

const place = (project: string) => `taskapi.columns.${project}`;

export function useColumns(project: string): Column[] {
  const { fields } = useProjectParts(project);
  const { columns } = useSearch({ from: "/signed-in/projects/$project" });
  return shownColumns(fields, columns ?? keptColumns(project));
}

export function keepColumns(project: string, names: string[]): void {
  localStorage.setItem(place(project), names.join(" "));
}

function keptColumns(project: string): string[] | undefined {
  return localStorage.getItem(place(project))?.split(" ");
}
