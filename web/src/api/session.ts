/**
 * Who is signed in. The access token lives in memory alone; the refresh token is a cookie that no script can read.
 *
 * Tabs share the cookie: they take turns at refreshing, and a sign-out in one is a sign-out in all.
 */

import { useSyncExternalStore } from "react";

import { problemOf, reached } from "./problems";
import type { UserRead } from "./schema";

export type Session = { user: UserRead; token: string; expiresAt: number };
type Granted = { access_token: string; expires_in: number; user: UserRead };

// Says that a cookie may be there. It is no secret; without it a visitor's first page would ask for a refresh in vain.
const MARK = "taskapi.signed-in";
const EARLY_MS = 30_000;

const listeners = new Set<() => void>();
const tabs = new BroadcastChannel("taskapi.session");
let session: Session | null = null;
let refreshing: Promise<Session | null> | null = null;

tabs.onmessage = (event: MessageEvent<string>) => {
  if (event.data === "out") forget();
};

export function currentSession(): Session | null {
  return session;
}

export function useSession(): Session | null {
  return useSyncExternalStore(subscribe, currentSession);
}

/** For pages behind the sign-in, which are not drawn without somebody. */
export function useMe(): UserRead {
  const now = useSession();
  if (now === null) throw new Error("nobody is signed in");
  return now.user;
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function begin(granted: Granted): Session {
  session = { user: granted.user, token: granted.access_token, expiresAt: Date.now() + granted.expires_in * 1000 };
  localStorage.setItem(MARK, "1");
  tell();
  return session;
}

/** The profile has changed: what the page shows of it follows. */
export function updateUser(user: UserRead): void {
  if (session === null) return;
  session = { ...session, user };
  tell();
}

/** A session that is good for the next request, refreshed where its token is about to end; null for a visitor. */
export async function usable(): Promise<Session | null> {
  if (session !== null && session.expiresAt - Date.now() > EARLY_MS) return session;
  if (localStorage.getItem(MARK) === null) return null;
  return refresh();
}

export function refresh(): Promise<Session | null> {
  const asked = refreshing ?? inTurn();
  refreshing = asked;
  return asked;
}

export async function signOut(everywhere = false): Promise<void> {
  const token = session?.token;
  const headers: Record<string, string> = { "Content-Type": "application/json", "X-Requested-By": "taskapi" };
  if (token !== undefined) headers.Authorization = `Bearer ${token}`;
  await reached(fetch(`/api/v1/auth/${everywhere ? "logout-all" : "logout"}`, { method: "POST", headers }));
  forget();
  tabs.postMessage("out");
}

/** The service knows this session no more. */
export function forget(): void {
  session = null;
  localStorage.removeItem(MARK);
  tell();
}

async function inTurn(): Promise<Session | null> {
  try {
    return await navigator.locks.request("taskapi.refresh", askForAnother);
  } finally {
    refreshing = null;
  }
}

async function askForAnother(): Promise<Session | null> {
  const asked = fetch("/api/v1/auth/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Requested-By": "taskapi" },
    body: JSON.stringify({ session: "cookie" }),
  });
  const response = await reached(asked);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return begin(body as Granted);
  if (response.status !== 401 && response.status !== 403) throw problemOf(response, body);
  forget();
  return null;
}

function subscribe(listener: () => void): () => void {
  return onSession(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
