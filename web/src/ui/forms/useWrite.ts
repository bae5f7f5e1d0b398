/** One write of a form or a row: what it makes stale, and what the service says is wrong with it, field by field. */

import { type MutationKey, type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";

import { Problem } from "@/api/problems";
import { messageOf } from "@/ui/toasts";

type After<V, R> = {
  /** By which others know that it is under way. */
  key?: MutationKey;
  stale?: readonly QueryKey[];
  done?: (result: R, value: V) => unknown;
  /** Nothing on the page shows the refusal: a toast does. */
  loud?: boolean;
  /** Codes of problems that point at no field and are about one: {label_name_taken: "name"}. */
  codes?: Record<string, string>;
};

export type Writing = {
  isPending: boolean;
  about: (field: string) => string | undefined;
  /** What is wrong and stands beside none of these fields. */
  beside: (fields: readonly string[]) => string | undefined;
};

export function useWrite<V = void, R = unknown>(write: (value: V) => Promise<R>, after: After<V, R> = {}) {
  const client = useQueryClient();
  const settle = async (result: R, value: V) => {
    await after.done?.(result, value);
    await Promise.all((after.stale ?? []).map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  const { mutate, isPending, error, reset, isSuccess, data, variables } = useMutation({
    mutationKey: after.key,
    meta: { quiet: after.loud !== true },
    mutationFn: write,
    onSuccess: settle,
  });
  /** The same for who shows the refusal itself, as a text that is changed in its place does. */
  const save = async (value: V) => {
    await settle(await write(value), value);
  };
  const about = (field: string) => {
    if (!(error instanceof Problem)) return undefined;
    return error.about(field) ?? (after.codes?.[error.code] === field ? error.detail : undefined);
  };
  const beside = (fields: readonly string[]) =>
    error === null || fields.some((field) => about(field) !== undefined) ? undefined : messageOf(error);
  // What is on its way, so that a row shows it, and of several rows only that one waits.
  const sending = isPending ? variables : undefined;
  return { send: mutate, save, isPending, sending, error, reset, isSuccess, data, about, beside };
}
