/** What the service refuses, as an error that pages can read (RFC 9457). */

import type { Problem as ProblemBody } from "./schema";

export type Fault = { pointer: string; code: string; detail: string; column?: number | null };

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly faults: readonly Fault[] = [],
    /** With a 412: the resource as it is now. */
    readonly current: unknown = null,
    readonly requestId: string | null = null,
    /** All that the answer says, for what belongs to one code: the later changes of a 409 `changed_since`. */
    readonly told: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  /** What is wrong with one field of the body, by its JSON pointer's last part. */
  about(field: string): string | undefined {
    return this.faults.find((fault) => fault.pointer.split("/").at(-1) === field)?.detail;
  }
}

export function problemOf(response: Response, body: unknown): Problem {
  const told = (typeof body === "object" && body !== null ? body : {}) as Partial<ProblemBody> & { current?: unknown };
  return new Problem(
    response.status,
    told.code ?? "unknown",
    told.detail ?? response.statusText,
    told.errors ?? [],
    told.current ?? null,
    told.request_id ?? null,
    told,
  );
}

/** No answer came: there is no network, or nobody at its other end. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor(cause: unknown) {
    super("unreachable", { cause });
  }
}

/** What was asked of the network. It fails with a TypeError, as a fault of the page does, which is another matter. */
export async function reached<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw error instanceof TypeError ? new Unreachable(error) : error;
  }
}

/** Whether the same request may do better in a moment: no network, or a service that says so. */
export function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && [502, 503, 504, 429].includes(error.status));
}
