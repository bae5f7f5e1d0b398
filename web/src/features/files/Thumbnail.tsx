/** A small picture of a file, or a sign for one that has none. */

import { Center, Image } from "@mantine/core";
import { IconFile, IconFileText, IconPhoto } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import type { AttachmentRead } from "@/api/schema";

import { isPicture, previewQuery } from "./contents";

const SIZE = 40;

export function Thumbnail({ file }: { file: AttachmentRead }) {
  const preview = previewQuery(file, "small");
  const { data } = useQuery({ ...preview, enabled: isPicture(file) && preview.enabled !== false });
  const Sign = isPicture(file) ? IconPhoto : file.media_type.startsWith("text/") ? IconFileText : IconFile;
  if (data != null) return <Image src={data} w={SIZE} h={SIZE} fit="cover" radius="sm" alt="" />;
  return (
    <Center w={SIZE} h={SIZE} style={{ flexShrink: 0 }}>
      <Sign size={24} aria-hidden />
    </Center>
  );
}
