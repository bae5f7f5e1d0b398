/** Pieces of a text with the words that were found in it marked. */

import { Text } from "@mantine/core";

import type { Highlight } from "@/api/schema";

export function Highlights({ highlights }: { highlights: readonly Highlight[] }) {
  return highlights.flatMap(({ field, fragments }) =>
    fragments.map((fragment, index) => (
      <Text key={`${field} ${index}`} size="sm" c="dimmed">
        <Marked fragment={fragment} />
      </Text>
    )),
  );
}

/** The service sends escaped text with `<mark>` around what was found; drawn as text, so that nothing else is a tag. */
function Marked({ fragment }: { fragment: string }) {
  return fragment
    .split(/<\/?mark>/)
    .map((piece, index) => (index % 2 === 1 ? <mark key={index}>{unescaped(piece)}</mark> : unescaped(piece)));
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

function unescaped(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
