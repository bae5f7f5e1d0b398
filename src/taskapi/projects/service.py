"""Projects: made, changed, archived, thrown away and brought back."""

from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
import pydantic_core

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden, IdTaken, NotFound
from taskapi.core.hooks import Hook
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.resources import writing
from taskapi.core.resources.document import Document, Versioned, changes_of, require_match
from taskapi.core.resources.records import Place
from taskapi.core.resources.writing import Values
from taskapi.models import ProjectRole, StatusCategory
from taskapi.projects import events, membership, queries
from taskapi.projects.defaults import service as defaults
from taskapi.projects.errors import (
    NotInTrash,
    ProjectArchived,
    ProjectCycle,
    ProjectKeyTaken,
    ProjectsTooDeep,
    unknown_parent,
    unknown_template,
)
from taskapi.projects.queries import Archivable, ProjectRow
from taskapi.projects.schemas import ProjectCreate, ProjectFilter, ProjectUpdate

KEPT = timedelta(days=30)
MOST_DEEP = 5

# What a new project starts with; a new task starts in the first `unstarted` one.
DEFAULT_STATUSES = (
    ("backlog", "Backlog", StatusCategory.BACKLOG),
    ("todo", "To do", StatusCategory.UNSTARTED),
    ("in_progress", "In progress", StatusCategory.STARTED),
    ("done", "Done", StatusCategory.DONE),
    ("cancelled", "Cancelled", StatusCategory.CANCELLED),
)


# With session, caller, the project to copy, the new one, and whether the tasks come along.
ON_TEMPLATE: Final[Hook[[DbSession, Caller, Place, Place, bool]]] = Hook("a project is made from another")


async def create_project(
    session: DbSession, caller: Caller, data: ProjectCreate, *, with_tasks: bool = True
) -> Document:
    """Make a project with the default statuses, or with what its template has; the caller owns it."""
    if caller.project_ids is not None:
        raise Forbidden("This API token opens only the projects it names, and so can make no other")
    if data.parent_id is not None:
        await _require_parent(session, caller, None, data.parent_id)
    values, template = data.model_dump(exclude={"id", "template"}), None
    if data.template is not None:
        template = await _template(session, caller, data.template)
        fields = _document(template).fields()
        values |= {name: fields[name] for name in ("description", "color") if values[name] is None}
    project_id, now = data.id or new_id(), utc_now()
    try:
        row = await session.only_row(
            queries.CREATE,
            **values,
            id=project_id,
            created_by=caller.id,
            created_at=now,
            updated_at=now,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "uq_projects_key":
            raise ProjectKeyTaken("Choose another key") from None
        raise IdTaken("Leave the id out, or make a new one") from None
    document, here = _document(row), Place(project_id, project_id, data.key)
    await session.run(queries.CREATE_COUNTER, project_id=project_id)
    await publish(session, caller, events.project_created(project_id, document.fields()))
    if template is None:
        await writing.add_all(session, caller, queries.STATUS, here, _default_statuses())
    else:
        await ON_TEMPLATE(session, caller, place(template), here, with_tasks)
    await membership.enter(session, caller, here, caller.id, ProjectRole.OWNER)
    return document


async def get_project(session: DbSession, caller: Caller, project: str) -> Document:
    return _document(await load(session, caller, project, Permission.PROJECT_READ))


async def list_projects(session: DbSession, caller: Caller, params: ProjectFilter) -> Slice:
    values = queries.values(params)
    filters = queries.filters(params)
    shape = (params.sort, params.rows, params.archived, params.trashed)
    return await paging.fetch(
        session,
        params,
        page=queries.page(filters, Reach.of(caller), shape, continues=params.continues),
        count=queries.count(filters, Reach.of(caller), archived=params.archived, trashed=params.trashed),
        **reach.values(caller),
        **values,
    )


async def update_project(
    session: DbSession, caller: Caller, project: str, data: ProjectUpdate, if_match: str | None
) -> Document:
    if "parent_id" in data.model_fields_set:
        await session.run(queries.LOCK_TREE)
    row = await load(session, caller, project, Permission.PROJECT_EDIT, lock=True)
    before = _document(row)
    require_match(if_match, before)
    changes = changes_of(before.fields(), data)
    if "defaults" in changes:
        del changes["defaults"]
        changes |= await defaults.merged(session, row["id"], before.fields()["defaults"], data.defaults)
    archived = changes.pop("archived", None)
    if changes and row["archived_at"] is not None and archived is not False:
        raise ProjectArchived('Unarchive it first: PATCH it with {"archived": false}')
    if changes.get("parent_id") is not None:
        await _require_parent(session, caller, row["id"], changes["parent_id"])
    kind = "project.updated"
    if archived is not None:
        changes["archived_at"] = utc_now() if archived else None
        kind = "project.archived" if archived else "project.unarchived"
    return await _change(session, caller, row, kind, changes) if changes else before


async def delete_project(session: DbSession, caller: Caller, project: str, if_match: str | None) -> None:
    """Into the trash, from which its owner can restore it for 30 days."""
    row = await load(session, caller, project, Permission.PROJECT_DELETE, lock=True)
    require_match(if_match, _document(row))
    await _change(session, caller, row, "project.deleted", {"deleted_at": utc_now()})


async def restore_project(session: DbSession, caller: Caller, project: str, if_match: str | None) -> Document:
    row = await load(session, caller, project, Permission.PROJECT_DELETE, trashed=None, lock=True)
    before = _document(row)
    require_match(if_match, before)
    if before.fields()["deleted_at"] is None:
        raise NotInTrash("The project is where it was; there is nothing to restore")
    return await _change(session, caller, row, "project.restored", {"deleted_at": None})


async def purge_expired(session: DbSession) -> None:
    """Projects that were thrown away 30 days ago are gone for good, once their tasks are."""
    before = utc_now() - KEPT
    orphans = await session.fetch_rows(queries.ORPHAN, before=before, now=utc_now())
    for orphan in orphans:
        fields = pydantic_core.from_json(orphan["body"])
        was = {**fields, "parent_id": str(orphan["parent_before"])}
        await publish(session, None, events.project_changed("project.updated", orphan["id"], was, fields))
    rows = await session.fetch_rows(queries.PURGE_EXPIRED, before=before)
    facts = (events.project_purged(row["id"], pydantic_core.from_json(row["body"])) for row in rows)
    await publish(session, None, *facts)


async def load(
    session: DbSession,
    caller: Caller,
    project: str,
    needs: Permission,
    *,
    trashed: bool | None = False,
    lock: bool = False,
) -> ProjectRow:
    """The project as a member may see it, or NotFound; Forbidden to a member whose role lacks the permission.

    To administrators, projects they are not in come as to their owner. `trashed` None: wherever it is.
    """
    reference = references.project(project)
    statement = partial(queries.one_project, reference.by, trashed=trashed, lock=lock)
    row: ProjectRow | None = await reach.find(session, caller, statement, needs, **queries.named(reference))
    if row is None:
        raise references.no_project()
    require(row["role"], needs)
    session.projects.add(row["id"])
    return row


def place(row: ProjectRow) -> Place:
    """Where its members, statuses, labels and the like are."""
    return Place(row["id"], row["id"], row["key"])


def require_not_archived(row: Archivable) -> None:
    if row["archived_at"] is not None:
        raise ProjectArchived('It can be read; PATCH the project with {"archived": false} to write')


def _document(row: Versioned) -> Document:
    """Its `role` is the caller's, which changes without the project."""
    return Document.of(row, pure=False)


async def _change(session: DbSession, caller: Caller, row: ProjectRow, kind: str, changes: Values) -> Document:
    statement = queries.change(tuple(sorted(changes)))
    seen_by = {"role": row["role"], "is_favourite": row["is_favourite"]}
    changed = await session.only_row(statement, of_project=row["id"], updated_at=utc_now(), **seen_by, **changes)
    before, after = _document(row), _document(changed)
    await publish(session, caller, events.project_changed(kind, row["id"], before.fields(), after.fields()))
    return after


async def _template(session: DbSession, caller: Caller, project: str) -> ProjectRow:
    """Locked, so that what is copied of it fits together."""
    try:
        return await load(session, caller, project, Permission.PROJECT_READ, lock=True)
    except NotFound:
        raise unknown_template() from None


async def _require_parent(session: DbSession, caller: Caller, project_id: UUID | None, parent_id: UUID) -> None:
    """Whoever puts a project into another administers both; nothing is below itself, and nothing five deep."""
    await session.run(queries.LOCK_TREE)
    try:
        parent = await load(session, caller, str(parent_id), Permission.PROJECT_EDIT)
    except NotFound:
        raise unknown_parent() from None
    require_not_archived(parent)
    found = await session.only_row(queries.DEPTH, parent_id=parent_id, of_project=project_id)
    if found["is_cycle"]:
        raise ProjectCycle("The parent you named is this project, or is somewhere below it")
    if found["above"] + found["below"] > MOST_DEEP:
        raise ProjectsTooDeep(f"It would be one of more than {MOST_DEEP} that are in each other")


def _default_statuses() -> list[Values]:
    return [
        {"id": new_id(), "key": key, "name": name, "category": category, "position": position, "wip_limit": None}
        for position, (key, name, category) in enumerate(DEFAULT_STATUSES)
    ]
