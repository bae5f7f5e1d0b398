/**
 * What others change, as it happens: the stream of the change log, from where the page began to load.
 *
 * The cursor of the newest event says where the next connection goes on. Nothing is missed while a laptop sleeps.
 */

import { answer, api, authorized } from "@/api/client";
import { Problem, problemOf } from "@/api/problems";
import type { SyncedChange } from "@/api/schema";
import { refresh } from "@/api/session";

import { eventsOf } from "./events";

export type LiveState = "connecting" | "live" | "away";
type Hear = { changed: (change: SyncedChange) => void; lost: () => void; state: (state: LiveState) => void };

const LONGEST_WAIT_MS = 30_000;
// The service speaks every 15 s; a stream that is silent for longer is dead, whatever the browser thinks of it.
const SILENCE_MS = 40_000;

let beginning: Promise<string | null> | null = null;

/** Where the log stands before a page loads what it shows, so that no change falls between the two. */
export function markBeginning(): Promise<string | null> {
  beginning ??= now().catch(() => null);
  return beginning;
}

/** Listens until the returned function is called. */
export function listen(hear: Hear): () => void {
  let connection = new AbortController();
  let cursor: string | null = null;
  let failures = 0;
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const later = (ms: number) => {
    connection.abort();
    clearTimeout(timer);
    if (!over) timer = setTimeout(() => void connect(), ms);
  };
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => later(0), SILENCE_MS);
  };
  const failed = () => {
    failures += 1;
    hear.state("away");
    later(Math.min(500 * 2 ** failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2));
  };

  async function connect(): Promise<void> {
    connection = new AbortController();
    const { signal } = connection;
    clearTimeout(timer);
    try {
      cursor ??= (await markBeginning()) ?? (await now());
      if (signal.aborted) return;
      await goOn(await follow(signal), signal);
    } catch (error) {
      // Who aborts has said what comes next. A session that has ended leads to the sign-in by itself.
      if (signal.aborted || (error instanceof Problem && error.status === 401)) return;
      if (error instanceof Problem && error.code === "cursor_expired") beginAnew();
      else failed();
    }
  }

  /** Until the service says why it ends the stream, or until the line is cut. */
  async function follow(signal: AbortSignal): Promise<string | null> {
    const address = `/api/v1/changes/stream?${new URLSearchParams({ since: cursor ?? "" })}`;
    heard();
    const response = await authorized(new Request(address, { signal, headers: { Accept: "text/event-stream" } }));
    if (!response.ok || response.body === null) {
      throw problemOf(response, await response.json().catch(() => null));
    }
    for await (const { type, id, data } of eventsOf(response.body)) {
      if (signal.aborted) return null;
      failures = 0;
      heard();
      hear.state("live");
      if (type === "message") hear.changed(JSON.parse(data) as SyncedChange);
      if (type === "end") return (JSON.parse(data) as { code: string }).code;
      cursor = id ?? cursor;
    }
    return null;
  }

  async function goOn(end: string | null, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (end === null) failed();
    else if (end === "cursor_expired") beginAnew();
    else if (end !== "signed_out") later(end === "leaving" ? 500 : 0);
    // The session may have ended, or its token alone; only the service knows.
    else if ((await refresh()) !== null) later(0);
  }

  /** The log does not reach back to where this page stands: all that is shown may be old. */
  function beginAnew(): void {
    cursor = null;
    beginning = null;
    hear.lost();
    later(0);
  }

  const wake = () => {
    if (document.visibilityState === "visible" && failures > 0) later(0);
  };
  // A stream whose network is gone is silent for long before it ends. On one's own machine the service is still there.
  const look = () => later(0);
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  window.addEventListener("offline", look);
  void connect();
  return () => {
    over = true;
    beginning = null;
    clearTimeout(timer);
    connection.abort();
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
    window.removeEventListener("offline", look);
  };
}

async function now(): Promise<string> {
  return (await answer(api.GET("/api/v1/changes", { params: { query: { limit: 1 } } }))).next_cursor;
}
