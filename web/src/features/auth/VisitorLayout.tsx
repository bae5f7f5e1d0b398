/** The frame of pages for who is not signed in: one card in the middle. */

import { Alert, Center, Paper, Text } from "@mantine/core";
import { Outlet } from "@tanstack/react-router";

import { texts } from "@/texts";

export default function VisitorLayout() {
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" w="100%" maw={420}>
        <Text fw={700} mb="md">
          {texts.shell.name}
        </Text>
        {/* Without https a browser keeps no cookie of ours. */}
        {!window.isSecureContext && (
          <Alert color="red" mb="md">
            {texts.common.insecure}
          </Alert>
        )}
        <Outlet />
      </Paper>
    </Center>
  );
}
