/** Markdown as it will look, drawn here while it is not saved. */

import { Typography } from "@mantine/core";
import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";
import { useMemo } from "react";

import { withBoxes } from "./boxes";
import { useLowered } from "./headings";
import classes from "./Markdown.module.css";
import { withoutForeignPictures } from "./pictures";

const reader = new MarkdownIt({ html: false, linkify: true });

export default function Markdown({ source }: { source: string }) {
  const html = useMemo(() => withoutForeignPictures(DOMPurify.sanitize(reader.render(source))), [source]);
  const below = useLowered();
  return (
    <Typography className={classes.text}>
      <div dangerouslySetInnerHTML={{ __html: withBoxes(below(html)) }} />
    </Typography>
  );
}
