/** What stands around every report: waiting, a refusal, nothing to show, what is no more known. */

import { Alert, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Pending } from "@/app/edges";
import { dayOf, showDay } from "@/format/dates";
import { texts } from "@/texts";
import { messageOf } from "@/ui/toasts";

type Props<T> = { asked: UseQueryResult<T>; isEmpty?: (report: T) => boolean; children: (report: T) => ReactNode };

export function Asked<T extends object>({ asked, isEmpty, children }: Props<T>) {
  if (asked.error !== null) return <Text role="alert">{messageOf(asked.error)}</Text>;
  if (asked.data === undefined) return <Pending />;
  const report = asked.data;
  if (isEmpty?.(report) === true) return <Text>{texts.analytics.nothing}</Text>;
  return (
    <>
      {"complete_since" in report && typeof report.complete_since === "string" && (
        <Alert>{texts.analytics.completeSince(showDay(dayOf(report.complete_since)))}</Alert>
      )}
      {children(report)}
    </>
  );
}
