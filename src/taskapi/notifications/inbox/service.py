"""Reading the inbox, and what is in it; forgetting what is old."""

from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from taskapi.core.access import reach as reaches
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.http import references
from taskapi.core.http.references import ById
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.resources.document import Document
from taskapi.notifications.inbox import queries
from taskapi.notifications.inbox.queries import InboxRow
from taskapi.notifications.inbox.schemas import NotificationFilter, NotificationsRead
from taskapi.projects import service as projects

# What nobody reads in a year, nobody misses.
_KEPT_UNREAD: Final = timedelta(days=365)


async def list_notifications(session: DbSession, caller: Caller, params: NotificationFilter) -> tuple[Slice, int]:
    """A page, and how many are unread; only an empty page asks what there is, beside it."""
    filters = _values(params)
    looks, names, whose = Reach.of(caller), frozenset(filters), reaches.values(caller)
    page = queries.page(looks, names, params.rows, continues=params.continues)
    values = {**whose, **{name: value for name, value in filters.items() if value is not None}}
    found = await paging.fetch(session, params, page=page, count=queries.count(looks, names), **values)
    if found.rows:
        return found, cast("InboxRow", found.rows[0])["unread"]
    if params.project is not None:
        await projects.load(session, caller, params.project, Permission.TASK_READ)
    return found, await session.only_value(queries.count_unread(looks), **whose)


async def get_notification(session: DbSession, caller: Caller, notification_id: UUID) -> Document:
    statement = queries.one(Reach.of(caller))
    row = await session.fetch_row(statement, **reaches.values(caller), of_id=notification_id)
    if row is None:
        raise NotFound("You have no such notification, or may not see any more what it is about")
    return Document.of(row, pure=False)  # the title is the task's


async def mark_read(session: DbSession, caller: Caller, data: NotificationsRead) -> int:
    """How many were unread. What the caller does not see stays as it is."""
    values: dict[str, object] = {}
    if data.ids is not None:
        values["ids"] = data.ids
    elif data.before is not None:
        values["before"] = data.before
    statement = queries.mark_read(Reach.of(caller), next(iter(values), "all"))
    read = await session.fetch_values(statement, **reaches.values(caller), **values, now=utc_now())
    return len(read)


async def forget(session: DbSession, keep_days: int) -> bool:
    """Read ones after so many days, unread ones after a year at the earliest; whether there may be more."""
    now, kept = utc_now(), timedelta(days=keep_days)
    gone = await session.fetch_values(queries.FORGET, before=now - kept, long_before=now - max(kept, _KEPT_UNREAD))
    return len(gone) == queries.STEP


def _values(params: NotificationFilter) -> dict[str, object]:
    """Which filters there are, each with what it compares with, if anything."""
    values: dict[str, object] = {}
    if params.unread is not None:
        values["unread" if params.unread else "read"] = None
    if params.kind:
        values["kinds"] = [*params.kind]
    if params.project is not None:
        reference = references.project(params.project)
        if isinstance(reference, ById):
            values["of_project"] = reference.id
        else:
            values["of_key"] = reference.key
    return values
