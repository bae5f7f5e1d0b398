/** The rest of a list. */

import { Button, Group } from "@mantine/core";

import { texts } from "@/texts";

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
type Props = { pages: Pages; label?: string; size?: string };

export function MoreButton({ pages, label = texts.common.more, size = "sm" }: Props) {
  if (!pages.hasNextPage) return null;
  return (
    <Group>
      <Button
        size={size}
        variant="default"
        loading={pages.isFetchingNextPage}
        onClick={() => void pages.fetchNextPage()}
      >
        {label}
      </Button>
    </Group>
  );
}
