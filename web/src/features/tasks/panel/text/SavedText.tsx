/** A text that is saved: as the service has made HTML of it, which is safe to show. */

import { Skeleton, Typography } from "@mantine/core";
import { lazy, Suspense } from "react";

import { withBoxes } from "./boxes";
import { useLowered } from "./headings";
import classes from "./Markdown.module.css";
import { withoutForeignPictures } from "./pictures";

const Markdown = lazy(() => import("./Markdown"));

/** A text that was saved just now, or that was too long for a list, has no HTML yet. */
export function SavedText({ html, source }: { html: string | null | undefined; source: string }) {
  const below = useLowered();
  if (html == null) {
    return (
      <Suspense fallback={<Skeleton h={40} />}>
        <Markdown source={source} />
      </Suspense>
    );
  }
  return (
    <Typography className={classes.text}>
      <div dangerouslySetInnerHTML={{ __html: withBoxes(below(withoutForeignPictures(html))) }} />
    </Typography>
  );
}
