"""A project copied: its statuses, labels and custom fields, and its tasks where they are wanted, in one transaction."""

from collections.abc import Mapping
from typing import Final

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.ids import new_id
from taskapi.core.resources import writing
from taskapi.core.resources.document import Document
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.projects.copies.queries import COPIED
from taskapi.projects.copies.schemas import ProjectDuplicate
from taskapi.projects.schemas import ProjectCreate
from taskapi.projects.templates import service as templates

# With session, caller, the project, its copy, and the ids of what was copied before, by those that it had.
ON_COPYING: Final[Hook[[DbSession, Caller, Place, Place, Mapping[str, str]]]] = Hook("a project is copied")


async def duplicate_project(session: DbSession, caller: Caller, project: str, data: ProjectDuplicate) -> Document:
    """The caller owns the copy, and is alone in it."""
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    given = data.model_dump(mode="json", exclude={"include_tasks"}, exclude_none=True)
    new = ProjectCreate.model_validate({**given, "template": str(row["id"])})
    return await projects.create_project(session, caller, new, with_tasks=data.include_tasks)


async def fill(session: DbSession, caller: Caller, source: Place, copy: Place, with_tasks: bool) -> None:
    """A new project with what another one has, which is locked."""
    ids: dict[str, str] = {}
    for record, everything in COPIED:
        rows = [Document.of(row).fields() for row in await session.fetch_rows(everything, of_place=source.id)]
        ids |= {fields["id"]: str(new_id()) for fields in rows}
        copied = [{**{name: fields.get(name) for name in record.given}, "id": ids[fields["id"]]} for fields in rows]
        if copied:
            await writing.add_all(session, caller, record, copy, copied)
    await templates.copy_templates(session, caller, source, copy, ids)
    if with_tasks:
        await ON_COPYING(session, caller, source, copy, ids)
