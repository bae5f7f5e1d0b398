/** Commands and projects by name. It is open when it comes, and from then on listens to its key itself. */

import "@mantine/spotlight/styles.css";

import {
  createSpotlight,
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { GONE_AT_ONCE } from "@/app/theme";
import { useProjects } from "@/features/projects/queries";
import { openQuickAdd } from "@/features/tasks/quick/opening";
import { openKeySheet } from "@/keyboard/KeySheet";
import { typeAhead } from "@/keyboard/typedAhead";
import { useKeys } from "@/keyboard/useKeys";
import { texts } from "@/texts";

const [store, palette] = createSpotlight();

export default function PaletteDialog() {
  const navigate = useNavigate();
  const projects = useProjects();
  const { project: here } = useParams({ strict: false });
  const [typed, setTyped] = useState("");
  const line = typed.trim();
  useKeys({
    palette: () => {
      if (!store.getState().opened) typeAhead();
      palette.toggle();
    },
  });
  useEffect(() => palette.open(), []);

  const go = (to: "/" | "/inbox" | "/projects" | "/settings", label: string): SpotlightActionData => ({
    id: to,
    label,
    onClick: () => void navigate({ to }),
  });
  const groups: SpotlightActionGroupData[] = [
    {
      group: texts.palette.commands,
      actions: [
        { id: "create", label: texts.shell.newTask, onClick: () => openQuickAdd({ project: here }) },
        go("/", texts.shell.home),
        go("/inbox", texts.shell.inbox),
        go("/projects", texts.shell.projects),
        go("/settings", texts.shell.profile),
        { id: "keys", label: texts.shell.keys, onClick: openKeySheet },
      ],
    },
    {
      group: texts.shell.projects,
      actions: projects.map((project) => ({
        id: project.id,
        label: project.name,
        description: project.key,
        onClick: () => void navigate({ to: "/projects/$project/board", params: { project: project.key } }),
      })),
    },
    // Last, and so the only one where nothing else has that name.
    ...(line === "" ? [] : [creation(line, here)]),
  ];

  return (
    <Spotlight
      store={store}
      actions={groups}
      shortcut={null}
      query={typed}
      onQueryChange={setTyped}
      transitionProps={GONE_AT_ONCE}
      attributes={{ content: { "aria-label": texts.palette.title } }}
      highlightQuery
      limit={12}
      nothingFound={texts.palette.nothing}
      searchProps={{
        "aria-label": texts.palette.title,
        placeholder: texts.palette.title,
        leftSection: <IconSearch size={18} aria-hidden />,
        onKeyDown: (event) => {
          const words = event.currentTarget.value.trim();
          if (event.key !== "Enter" || !event.shiftKey || words === "") return;
          palette.close();
          void navigate({ to: "/search", search: { q: words } });
        },
      }}
    />
  );
}

/** What was typed as a new task: the dialog shows what of it is understood. */
function creation(line: string, project: string | undefined): SpotlightActionGroupData {
  const onClick = () => openQuickAdd({ project, text: line });
  return { group: texts.shell.newTask, actions: [{ id: "line", label: texts.palette.create(line), onClick }] };
}
