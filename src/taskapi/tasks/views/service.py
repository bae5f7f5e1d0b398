"""Saved views: made, shared, changed, and what a list goes by where it is given one."""

from functools import partial
from typing import Final
from uuid import UUID

from taskapi.auth import accounts
from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden, NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.resources import writing
from taskapi.core.resources.document import Document, changes_of, require_match
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.filters import custom_fields
from taskapi.tasks.filters.ast import EVERY_TASK
from taskapi.tasks.filters.meaning import filter_in
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.filters.names import NAMES, Name
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.views import events, queries
from taskapi.tasks.views.errors import SharedNeedsProject, TooManyViews
from taskapi.tasks.views.queries import VIEW, ViewRow
from taskapi.tasks.views.schemas import ViewCreate, ViewFilter, ViewUpdate

_MOST: Final = 200
_OF_SOME_PROJECT: Final = Name(lambda *_: EVERY_TASK, EVERY_TASK)


async def list_views(session: DbSession, caller: Caller, params: ViewFilter) -> Slice:
    """One's own and those shared in one's projects; or of one project, which an administrator may look into."""
    seen_as: Reach | None = Reach.of(caller)
    values = reach.values(caller)
    if params.project is not None:
        row = await projects.load(session, caller, params.project, Permission.TASK_READ)
        seen_as, values = None, {"caller_id": caller.id, "of_project": row["id"]}
    return await paging.fetch(
        session,
        params,
        page=queries.page(seen_as, params.sort, params.rows, continues=params.continues),
        count=queries.count(seen_as),
        **values,
    )


async def get_view(session: DbSession, caller: Caller, view_id: UUID) -> Document:
    return Document.of(await load(session, caller, view_id))


async def load(session: DbSession, caller: Caller, view_id: UUID, *, lock: bool = False) -> ViewRow:
    """A view that the caller sees, or NotFound: nobody learns that others have one with this id."""
    statement = partial(queries.one, lock=lock)
    row = await reach.find(session, caller, statement, Permission.TASK_READ, of_id=view_id)
    if row is None:
        raise NotFound("There is no such view, or it is not shared with you")
    return row


async def create_view(session: DbSession, caller: Caller, data: ViewCreate) -> Document:
    require_readable(caller, data.filter)
    if data.shared and data.project is None:
        raise SharedNeedsProject
    if data.project is None and caller.project_ids is not None:
        raise Forbidden("This API token opens only the projects it names: make a view of one of them")
    # Locked, so that two at once do not pass the bound together.
    await accounts.lock(session, caller.id)
    project = None
    if data.project is not None:
        needs = Permission.VIEW_WRITE if data.shared else Permission.TASK_READ
        project = await projects.load(session, caller, data.project, needs)
        if data.shared:
            projects.require_not_archived(project)
    if await session.only_value(VIEW.count, of_place=caller.id) >= _MOST:
        raise TooManyViews(f"You have {_MOST} views; delete one that you do not use")
    now = utc_now()
    values = {
        **data.model_dump(include={"name", "filter", "sort"}),
        "id": data.id or new_id(),
        "project_id": project["id"] if project else None,
        "owner_id": None if data.shared else caller.id,
        "created_at": now,
        "updated_at": now,
    }
    place = Place(caller.id, project["id"], project["key"]) if project and data.shared else _nowhere(caller.id)
    return await writing.add(session, caller, VIEW, place, values)


async def update_view(
    session: DbSession, caller: Caller, view_id: UUID, data: ViewUpdate, if_match: str | None
) -> Document:
    if "filter" in data.model_fields_set:
        require_readable(caller, data.filter)
    row = await load(session, caller, view_id, lock=True)
    before = Document.of(row)
    changes = changes_of(before.fields(), data)
    sharing = changes.pop("shared", None)
    _require_right(caller, row, sharing=sharing)
    require_match(if_match, before)
    _require_not_archived(row, is_shared=row["owner_id"] is None or sharing is True)
    if sharing is not None:
        changes["owner_id"] = None if sharing else row["created_by"]
    if changes:
        changes["updated_at"] = utc_now()
    return await writing.change(session, caller, VIEW, _place(row, is_shared=sharing), before, changes)


async def delete_view(session: DbSession, caller: Caller, view_id: UUID, if_match: str | None) -> None:
    row = await load(session, caller, view_id, lock=True)
    view = Document.of(row)
    _require_right(caller, row, sharing=None)
    require_match(if_match, view)
    _require_not_archived(row, is_shared=row["owner_id"] is None)
    await writing.remove(session, caller, VIEW, _place(row, is_shared=None), view)


async def forget_of_leaver(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """Whoever is out of a project has no views of it; what they shared stays with the others."""
    rows = await session.fetch_rows(queries.FORGET_OWN_OF_PROJECT, of_user=user_id, of_project=project.id)
    await publish(session, caller, *(events.view_deleted(Document.of(row)) for row in rows))


async def forget_of_deleted(session: DbSession, caller: Caller, user_id: UUID) -> None:
    """What nobody else ever saw goes with the account."""
    rows = await session.fetch_rows(queries.FORGET_OWN, of_user=user_id)
    await publish(session, caller, *(events.view_deleted(Document.of(row)) for row in rows))


def require_readable(caller: Caller, text: str) -> None:
    """What custom fields there are is asked when the view is used: it may be of several projects, and outlive some."""
    known = {**NAMES, **dict.fromkeys(custom_fields.named_in(text), _OF_SOME_PROJECT)}
    filter_in(text, Standpoint(utc_now(), zone_named(caller.timezone), caller.id), "/filter", known)


def _require_right(caller: Caller, row: ViewRow, *, sharing: bool | None) -> None:
    """Its maker, and in its project whoever may write shared ones; to share is to write one, to take it back is not."""
    is_maker = row["created_by"] == caller.id
    if sharing is True and row["of_project"] is None:
        raise SharedNeedsProject
    if sharing is False and not is_maker:
        raise Forbidden("Only who made a view takes it back from the others: delete it, or make one of your own")
    if sharing is True or not is_maker:
        assert row["role"] is not None, "a view without a project is its maker's alone"
        require(row["role"], Permission.VIEW_WRITE)


def _require_not_archived(row: ViewRow, *, is_shared: bool) -> None:
    if is_shared and row["archived_at"] is not None:
        raise ProjectArchived('It can be read; PATCH the project with {"archived": false} to write')


def _place(row: ViewRow, *, is_shared: bool | None) -> Place:
    """A shared one is told to its project; also that it is shared now, or that it was until now."""
    if row["owner_id"] is None or is_shared:
        return Place(row["created_by"], row["of_project"], row["key"])
    return _nowhere(row["created_by"])


def _nowhere(user_id: UUID) -> Place:
    return Place(user_id, None, None)
