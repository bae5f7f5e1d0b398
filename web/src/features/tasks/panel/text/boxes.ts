/** `- [ ]` and `- [x]` in a list are drawn as boxes, which show what the text says and are not to press. */

import { texts } from "@/texts";

import classes from "./Markdown.module.css";

// After the tag of an item; a list with empty lines between its items has a paragraph in each.
const WRITTEN = /<li>(\s*(?:<p>)?)\[([ xX])\](?=\s)/g;

export function withBoxes(html: string): string {
  return html.replace(WRITTEN, (_all, before: string, sign: string) => {
    const isDone = sign !== " ";
    const name = isDone ? texts.task.boxDone : texts.task.boxOpen;
    return `<li class="${classes.item ?? ""}">${before}<span class="${classes.box ?? ""}" role="img" aria-label="${name}"${isDone ? " data-done" : ""}></span>`;
  });
}
