/**
 * The key of a write. One whose answer was lost has the same key when it is sent again, by whom ever: by the cache that
 * tries again, or by somebody who presses the button once more. Nothing is made twice, what was deleted is not missed,
 * and a text that was saved is no conflict with itself.
 */

const HEADER = "Idempotency-Key";
// Later it is more likely that the same thing is really wanted twice: made once more, or set again to what it was before
// another change. The tries of the cache are at most 8 s apart.
const REMEMBERED_MS: Readonly<Record<string, number>> = { POST: 120_000, PATCH: 10_000, DELETE: 10_000 };
const UNSURE: readonly number[] = [502, 503, 504];

type Lost = { key: string; at: number };

const lost = new Map<string, Lost>();

export async function onceOnly(request: Request, send: () => Promise<Response>): Promise<Response> {
  const remembered = REMEMBERED_MS[request.method];
  if (remembered === undefined || request.headers.has(HEADER)) return send();
  const what = await described(request);
  const key = keyOf(what, remembered);
  request.headers.set(HEADER, key);
  try {
    const response = await send();
    if (UNSURE.includes(response.status)) remember(what, key);
    return response;
  } catch (error) {
    remember(what, key);
    throw error;
  }
}

function keyOf(what: string | null, remembered: number): string {
  const known = what === null ? undefined : lost.get(what);
  if (what === null || known === undefined) return crypto.randomUUID();
  // Two that are under way at once are two.
  lost.delete(what);
  return Date.now() - known.at < remembered ? known.key : crypto.randomUUID();
}

function remember(what: string | null, key: string): void {
  if (what !== null) lost.set(what, { key, at: Date.now() });
}

/** A file has a key of its own from who sends it: nobody reads it twice for this. */
async function described(request: Request): Promise<string | null> {
  const isFile = request.headers.get("Content-Type")?.startsWith("multipart/") === true;
  return isFile ? null : `${request.method} ${request.url} ${await request.clone().text()}`;
}
