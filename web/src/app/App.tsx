/** Everything that pages stand on: colours, messages, the cache, the router. */

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";

import { queryClient } from "./queries";
import { router } from "./router";
import { readableColors, theme } from "./theme";

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={readableColors} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
      {/* Outside of what opens and closes with a page: a message outlives its page. */}
      <Notifications position="bottom-right" limit={4} withinPortal={false} />
    </MantineProvider>
  );
}
