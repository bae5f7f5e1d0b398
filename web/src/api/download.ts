/** Files of the service, saved as if a link had been followed: a link alone could not say who asks. */

import { authorized } from "./client";
import { problemOf } from "./problems";

export async function download(address: string, name: string, headers: Record<string, string> = {}): Promise<void> {
  const response = await authorized(new Request(new URL(address, globalThis.location.origin), { headers }));
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  save(await response.blob(), nameIn(response) ?? name);
}

export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function nameIn(response: Response): string | undefined {
  return /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
}
