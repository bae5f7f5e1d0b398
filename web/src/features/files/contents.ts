/** What is in a file: a browser cannot ask for it by an address alone, for who asks has to sign in. */

import { queryOptions } from "@tanstack/react-query";

import { authorized } from "@/api/client";
import { problemOf } from "@/api/problems";
import type { AttachmentRead } from "@/api/schema";

const DRAWN = ["image/png", "image/jpeg", "image/gif", "image/webp"];
// Up to here a picture is its own preview.
const SMALL = 200_000;
// Larger ones have a preview some seconds after they came, when a worker has drawn it.
const DRAWN_AFTER_MS = 15_000;

export function isPicture(file: Pick<AttachmentRead, "media_type">): boolean {
  return DRAWN.includes(file.media_type);
}

function isOld(file: AttachmentRead): boolean {
  return Date.now() - Date.parse(file.created_at) > DRAWN_AFTER_MS;
}

/** The address of a preview in this page; null where there is none yet. */
export const previewQuery = (file: AttachmentRead, size: "small" | "large") =>
  queryOptions({
    queryKey: ["file", file.id, size],
    staleTime: Infinity,
    enabled: file.size <= SMALL || isOld(file),
    queryFn: async () => {
      if (file.size <= SMALL) return URL.createObjectURL(await contentOf(file.id));
      const response = await ask(`/api/v1/attachments/${file.id}/preview?size=${size}`);
      if (response.ok) return URL.createObjectURL(await response.blob());
      return size === "large" ? URL.createObjectURL(await contentOf(file.id)) : null;
    },
  });

/** Saves the file under its name. */
export async function download(file: Pick<AttachmentRead, "id" | "name">): Promise<void> {
  const address = URL.createObjectURL(await contentOf(file.id));
  const link = document.createElement("a");
  link.href = address;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function contentOf(id: string): Promise<Blob> {
  const response = await ask(`/api/v1/attachments/${id}/content`);
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  return response.blob();
}

function ask(path: string): Promise<Response> {
  return authorized(new Request(new URL(path, globalThis.location.origin)));
}
