/** A file with what is wished of it, sent in parts as forms are. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { ImportFormat, ImportRead } from "@/api/schema";

/** By the column: its field; null: it is left out. What is not named, the service knows by its name. */
export type Mapping = Readonly<Record<string, string | null>>;

export type ImportWish = {
  format: ImportFormat;
  file: File;
  mapping: Mapping;
  unknownAsFields: boolean;
  dateOrder: string;
};

const EVERY_MS = 700;

function partsOf({ format, file, mapping, unknownAsFields, dateOrder }: ImportWish, dryRun?: boolean) {
  const options = {
    ...(unknownAsFields ? { unknown: "fields" } : {}),
    ...(dateOrder === "" ? {} : { date_order: dateOrder }),
  };
  const form = new FormData();
  form.set("format", format);
  form.set("file", file);
  if (Object.keys(mapping).length > 0) form.set("mapping", JSON.stringify(mapping));
  if (Object.keys(options).length > 0) form.set("options", JSON.stringify(options));
  if (dryRun !== undefined) form.set("dry_run", String(dryRun));
  // The typed body names the parts, the serializer sends them.
  return { body: { format, file: file.name }, bodySerializer: () => form };
}

export function previewImport(project: string, wish: ImportWish) {
  const params = { path: { project } };
  return answer(api.POST("/api/v1/projects/{project}/imports/preview", { params, ...partsOf(wish) }));
}

export function beginImport(project: string, wish: ImportWish, dryRun: boolean) {
  const params = { path: { project } };
  return answer(api.POST("/api/v1/projects/{project}/imports", { params, ...partsOf(wish, dryRun) }));
}

export function isOver({ state }: ImportRead): boolean {
  return state !== "queued" && state !== "running";
}

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ["import", id],
    queryFn: () => answer(api.GET("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : EVERY_MS),
    staleTime: 0,
  });
