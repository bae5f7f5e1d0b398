"""Projects: made, changed, archived, thrown away and brought back."""

from datetime import timedelta
from functools import partial
from typing import Any
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
from taskapi.core.db.statements import Row
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.models import ProjectRole
from taskapi.projects import events, queries
from taskapi.projects.errors import ProjectArchived, ProjectKeyTaken
from taskapi.projects.schemas import ProjectCreate, ProjectFilter, ProjectUpdate

KEPT = timedelta(days=30)


async def create_project(session: DbSession, caller: Caller, data: ProjectCreate) -> Document:
    """Make a project with the default statuses; the caller owns it."""
    if caller.project_ids is not None:
        raise Forbidden("This API token opens only the projects it names, and so can make no other")
    project_id, now = data.id or new_id(), utc_now()
    try:
        row = await session.fetch_row(
            queries.CREATE,
            **data.model_dump(exclude={"id"}),
            id=project_id,
            created_by=caller.id,
            created_at=now,
            updated_at=now,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "uq_projects_key":
            raise ProjectKeyTaken("Choose another key") from None
        raise IdTaken("Leave the id out, or make a new one") from None
    assert row is not None
    await session.fetch_row(queries.CREATE_COUNTER, project_id=project_id)
    await session.run_many(
        queries.ADD_STATUS,
        [
            {"id": new_id(), "project_id": project_id, "key": key, "name": name, "category": category, "position": i}
            for i, (key, name, category) in enumerate(queries.DEFAULT_STATUSES)
        ],
    )
    await session.fetch_row(
        queries.ADD_MEMBER, project_id=project_id, user_id=caller.id, role=ProjectRole.OWNER, joined_at=now
    )
    document = Document.of(row)
    await publish(
        session,
        caller,
        events.project_created(project_id, document.fields()),
        events.member_added(project_id, data.key, caller.id, ProjectRole.OWNER),
    )
    return document


async def get_project(session: DbSession, caller: Caller, project: str) -> Document:
    return Document.of(await load(session, caller, project, Permission.PROJECT_READ))


async def list_projects(session: DbSession, caller: Caller, params: ProjectFilter) -> Slice:
    values = queries.values(params)
    filters = frozenset(values)
    shape = (params.sort, params.limit, params.archived, params.trashed)
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
    row = await load(session, caller, project, Permission.PROJECT_EDIT, lock=True)
    before = Document.of(row)
    require_match(if_match, before)
    changes = data.model_dump(exclude_unset=True)
    archived = changes.pop("archived", None)
    fields = before.fields()
    changes = {name: value for name, value in changes.items() if fields[name] != value}
    if changes and row["archived_at"] is not None and archived is not False:
        raise ProjectArchived('Unarchive it first: PATCH it with {"archived": false}')
    kind = "project.updated"
    if archived is not None and archived != fields["archived"]:
        changes["archived_at"] = utc_now() if archived else None
        kind = "project.archived" if archived else "project.unarchived"
    return await _change(session, caller, row, kind, changes) if changes else before


async def delete_project(session: DbSession, caller: Caller, project: str, if_match: str | None) -> None:
    """Into the trash, from which its owner can restore it for 30 days."""
    row = await load(session, caller, project, Permission.PROJECT_DELETE, lock=True)
    require_match(if_match, Document.of(row))
    await _change(session, caller, row, "project.deleted", {"deleted_at": utc_now()})


async def restore_project(session: DbSession, caller: Caller, project: str) -> Document:
    row = await load(session, caller, project, Permission.PROJECT_DELETE, trashed=True, lock=True)
    return await _change(session, caller, row, "project.restored", {"deleted_at": None})


async def purge_expired(session: DbSession) -> None:
    """Projects that were thrown away 30 days ago are gone for good, once their tasks are."""
    rows = await session.fetch_rows(queries.PURGE_EXPIRED, before=utc_now() - KEPT)
    facts = (events.project_purged(row["id"], pydantic_core.from_json(row["body"])) for row in rows)
    await publish(session, None, *facts)


async def load(
    session: DbSession,
    caller: Caller,
    project: str,
    needs: Permission,
    *,
    trashed: bool = False,
    lock: bool = False,
) -> Row:
    """The project as a member may see it, or NotFound; Forbidden to a member whose role lacks the permission.

    To administrators, projects they are not in come as to their owner.
    """
    reference = references.project(project)
    statement = partial(queries.located, reference.by, trashed=trashed, lock=lock)
    row = await reach.find(session, caller, statement, needs, **queries.named(reference))
    if row is None:
        raise references.no_project()
    require(row["role"], needs)
    return row


def require_not_archived(row: Row) -> None:
    if row["archived_at"] is not None:
        raise ProjectArchived('It can be read; PATCH the project with {"archived": false} to write')


async def _change(session: DbSession, caller: Caller, row: Row, kind: str, changes: dict[str, Any]) -> Document:
    project_id: UUID = row["id"]
    changed = await session.fetch_row(
        queries.change(tuple(sorted(changes))),
        of_project=project_id,
        role=row["role"],
        updated_at=utc_now(),
        **changes,
    )
    assert changed is not None
    after = Document.of(changed)
    await publish(session, caller, events.project_changed(kind, project_id, Document.of(row).fields(), after.fields()))
    return after
