/** A picture as large as the window allows. */

import { Center, Image, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { AttachmentRead } from "@/api/schema";
import { Waiting } from "@/ui/Waiting";

import { previewQuery } from "./contents";

export function Picture({ file, opened, onClose }: { file: AttachmentRead; opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={file.name} size="auto" centered>
      <Large file={file} />
    </Modal>
  );
}

function Large({ file }: { file: AttachmentRead }) {
  const { data } = useQuery({ ...previewQuery(file, "large"), enabled: true });
  if (data == null) {
    return (
      <Center miw={240} mih={160}>
        <Waiting />
      </Center>
    );
  }
  return <Image src={data} alt={file.name} fit="contain" mah="75vh" w="auto" maw="100%" />;
}
