/** A project and what belongs to it, as queries. Keys: ["projects"], ["project", KEY], ["project", KEY, part]. */

import { queryOptions, useSuspenseQueries, useSuspenseQuery } from "@tanstack/react-query";

import { answer, api } from "@/api/client";
import type { FieldRead, LabelRead, MemberRead, ProjectRead, ProjectRole, StatusRead } from "@/api/schema";

const ALL = 200;
const path = (project: string) => ({ params: { path: { project }, query: { limit: ALL } } });

export const projectsQuery = () =>
  queryOptions({
    queryKey: ["projects"],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/projects", { params: { query: { limit: ALL, sort: "position,name" } } }))).items,
  });

/** Some of them, for the page of all. */
export const foundProjectsQuery = (query: { q?: string; archived: boolean; trashed: boolean; template: boolean }) =>
  queryOptions({
    queryKey: ["projects", "found", query],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/projects", { params: { query: { limit: ALL, sort: "name", ...query } } }))).items,
  });

/** What new projects can be set up like; templates stand in no other list. */
export const templatesQuery = queryOptions({
  queryKey: ["projects", "templates"],
  queryFn: async () =>
    (await answer(api.GET("/api/v1/projects", { params: { query: { limit: ALL, sort: "name", template: true } } })))
      .items,
});

export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project],
    queryFn: () => answer(api.GET("/api/v1/projects/{project}", { params: { path: { project } } })),
  });

export const statusesQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "statuses"],
    queryFn: async () => (await answer(api.GET("/api/v1/projects/{project}/statuses", path(project)))).items,
  });

export const labelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "labels"],
    queryFn: async () => (await answer(api.GET("/api/v1/projects/{project}/labels", path(project)))).items,
  });

export const membersQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "members"],
    queryFn: async () => (await answer(api.GET("/api/v1/projects/{project}/members", path(project)))).items,
  });

export const fieldsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "fields"],
    queryFn: async () => (await answer(api.GET("/api/v1/projects/{project}/fields", path(project)))).items,
  });

export const milestonesQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "milestones"],
    queryFn: async () => (await answer(api.GET("/api/v1/projects/{project}/milestones", path(project)))).items,
  });

export const cyclesQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "cycles"],
    queryFn: async () => (await answer(api.GET("/api/v1/projects/{project}/cycles", path(project)))).items,
  });

export type ProjectParts = {
  project: ProjectRead;
  statuses: StatusRead[];
  labels: LabelRead[];
  members: MemberRead[];
  fields: FieldRead[];
};

/** What every view of a project's tasks needs. The project's route has loaded it. */
export function useProjectParts(project: string): ProjectParts {
  const [one, statuses, labels, members, fields] = useSuspenseQueries({
    queries: [
      projectQuery(project),
      statusesQuery(project),
      labelsQuery(project),
      membersQuery(project),
      fieldsQuery(project),
    ],
  });
  return {
    project: one.data,
    statuses: statuses.data,
    labels: labels.data,
    members: members.data,
    fields: fields.data,
  };
}

export function useProjects(): ProjectRead[] {
  return useSuspenseQuery(projectsQuery()).data;
}

/** From the least to the most. */
export const ROLES: readonly ProjectRole[] = ["viewer", "commenter", "editor", "admin", "owner"];

/** Whether a role of a project reaches what another may do. An archived project is read only, whoever asks. */
export function may(project: ProjectRead, needed: ProjectRole): boolean {
  return (!project.archived || needed === "viewer") && holds(project, needed);
}

/** The same for what an archive does not freeze: taking access away, deleting, and ending the archive. */
export function holds(project: ProjectRead, needed: ProjectRole): boolean {
  return reaches(project.role, needed);
}

export function reaches(role: ProjectRole, needed: ProjectRole): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
