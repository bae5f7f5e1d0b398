/** Which role somebody is to have: none above that of who chooses. */

import { NativeSelect } from "@mantine/core";

import type { ProjectRead, ProjectRole } from "@/api/schema";
import { texts } from "@/texts";

import { reaches, ROLES } from "../../queries";

type Props = {
  project: ProjectRead;
  value: ProjectRole;
  onChange: (role: ProjectRole) => void;
  /** Shown above the field, or only told by screen readers. */
  name: { label: string } | { "aria-label": string };
};

export function RoleSelect({ project, value, onChange, name }: Props) {
  const offered = ROLES.filter((role) => reaches(project.role, role));
  return (
    <NativeSelect
      {...name}
      data={offered.map((role) => ({ value: role, label: texts.projects.roles[role] }))}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as ProjectRole)}
    />
  );
}
