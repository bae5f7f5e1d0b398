/** The sign that something is on its way, which screen readers can name. */

import { Loader, type LoaderProps } from "@mantine/core";

import { texts } from "@/texts";

export function Waiting(props: LoaderProps) {
  return <Loader role="progressbar" aria-label={texts.common.loading} {...props} />;
}
