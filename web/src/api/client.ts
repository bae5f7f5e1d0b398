/** The API with its types: `const task = await answer(api.GET("/api/v1/tasks/{task}", {params: {path: {task}}}))`. */

import createClient from "openapi-fetch";

import { problemOf, reached } from "./problems";
import { onceOnly } from "./repeating";
import type { paths } from "./schema";
import { forget, refresh, usable } from "./session";

export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  fetch: authorized,
  // A list is repeated, as the API wants it: ?status=todo&status=done.
  querySerializer: { array: { style: "form", explode: true } },
});

type Answered<T> = { data?: T; error?: unknown; response: Response };

/** The body of an answer; a refusal is thrown as a Problem. */
export async function answer<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await reached(asked);
  if (!response.ok) throw problemOf(response, error);
  return data as T;
}

/** The header that makes a change refuse to overwrite what somebody else has written since. */
export function ifMatch(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}

/** For what the typed client cannot send or read: files, downloads. Paths of the service alone. */
export async function authorized(input: Request): Promise<Response> {
  const isAuth = new URL(input.url).pathname.startsWith("/api/v1/auth/");
  return isAuth ? asWhoItIs(input, isAuth) : onceOnly(input, () => asWhoItIs(input, isAuth));
}

async function asWhoItIs(input: Request, isAuth: boolean): Promise<Response> {
  const again = input.clone();
  const session = await usable();
  const response = await send(input, session?.token);
  if (response.status !== 401 || session === null || isAuth) return response;
  const renewed = await refresh();
  if (renewed === null) {
    forget();
    return response;
  }
  return send(again, renewed.token);
}

function send(request: Request, token: string | undefined): Promise<Response> {
  if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
  return reached(fetch(request));
}
