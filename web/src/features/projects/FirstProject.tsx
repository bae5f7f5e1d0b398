/** For who is in no project: how to come into one. */

import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";

import { texts } from "@/texts";
import { Empty } from "@/ui/Empty";

import { NewProject } from "./NewProject";

export function FirstProject() {
  const [opened, dialog] = useDisclosure();
  return (
    <Empty text={texts.home.noProjects}>
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={dialog.open}>
        {texts.home.firstProject}
      </Button>
      <NewProject opened={opened} onClose={dialog.close} />
    </Empty>
  );
}
