/** The rest of a list. */

import { Button, Group } from "@mantine/core";

import { texts } from "@/texts";

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

export function MoreButton({ pages }: { pages: Pages }) {
  if (!pages.hasNextPage) return null;
  return (
    <Group>
      <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {texts.common.more}
      </Button>
    </Group>
  );
}
