"""Comments: written by commenters and above, edited by their authors, deleted by these and by administrators."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from taskapi.core import markdown
from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, grants
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.floor import complete_since
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden, NotFound
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import MAX_COUNTED, PageParams, Slice
from taskapi.core.resources import writing
from taskapi.core.resources.document import Document, changes_of, require_match
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.tasks import queries as task_queries
from taskapi.tasks import service as tasks
from taskapi.tasks.comments import events, queries
from taskapi.tasks.comments.queries import COMMENT, LockedRow, VisibleRow
from taskapi.tasks.comments.schemas import CommentCreate, CommentFilter, CommentUpdate, CommentView
from taskapi.tasks.errors import TooMuchToMerge
from taskapi.tasks.mentions import service as mentions
from taskapi.tasks.queries import TaskRow


async def list_comments(session: DbSession, caller: Caller, task: str, params: CommentFilter) -> Slice:
    """The comments on a task; only an empty answer asks whether there is such a task at all."""
    reference = references.task(task)

    async def seen_as(looks: Reach) -> Slice:
        page = queries.page(reference.by, looks, params.sort, params.rows, continues=params.continues)
        return await paging.fetch(
            session,
            params,
            page=page,
            count=queries.count(reference.by, looks),
            **_values(caller, looks),
            **task_queries.named(reference),
            reader_id=caller.id,
        )

    found = await _of_task(session, caller, task, seen_as)
    if not params.expand:
        return found
    await session.close()
    bodies = await markdown.with_html([row["body"] for row in found.rows], "body", "body_html")
    return found.showing(bodies)


async def get_comment(session: DbSession, caller: Caller, task: str, comment_id: UUID, params: CommentView) -> Document:
    reference = references.task(task)
    row: VisibleRow | None = await reach.find(
        session,
        caller,
        partial(queries.visible, reference.by),
        Permission.TASK_READ,
        **task_queries.named(reference),
        comment_id=comment_id,
        reader_id=caller.id,
    )
    if row is None:
        raise _no_comment()
    document = Document.of(row, pure=False)
    if params.expand:
        await session.close()
        [document.json] = await markdown.with_html([document.json], "body", "body_html")
    return document


async def list_revisions(
    session: DbSession, caller: Caller, task: str, comment_id: UUID, params: PageParams
) -> tuple[Slice, datetime | None]:
    """What it said, from the first text on, as the change log has it, and from when on it has everything."""
    found = await _revisions(session, caller, task, comment_id, params)
    return found, await complete_since(session, comment_id, ChangeKind.COMMENT_CREATED)


async def _revisions(session: DbSession, caller: Caller, task: str, comment_id: UUID, params: PageParams) -> Slice:
    reference = references.task(task)

    async def seen_as(looks: Reach) -> Slice:
        return await paging.fetch(
            session,
            params,
            page=queries.revisions(reference.by, looks, params.rows, continues=params.continues),
            count=queries.count_revisions(reference.by, looks),
            **_values(caller, looks),
            **task_queries.named(reference),
            comment_id=comment_id,
        )

    found = await seen_as(Reach.of(caller))
    if found.rows:
        return found
    await get_comment(session, caller, task, comment_id, CommentView())
    return await seen_as(Reach.ADMINISTRATOR) if caller.is_admin else found


async def create_comment(session: DbSession, caller: Caller, task: str, data: CommentCreate) -> Document:
    names = await mentions.names_in(data.body)
    row = await tasks.load(session, caller, task, Permission.COMMENT_WRITE)
    projects.require_not_archived(row)
    values = {
        "id": data.id or new_id(),
        "body": data.body,
        "mentions": await mentions.members_named(session, row["project_id"], names),
        "created_by": caller.id,
        "created_at": utc_now(),
    }
    added = await writing.add(session, caller, COMMENT, place(row), values)
    return shown(added, "[]")


async def update_comment(
    session: DbSession, caller: Caller, task: str, comment_id: UUID, data: CommentUpdate, if_match: str | None
) -> Document:
    """Only its author changes what it says."""
    names = await mentions.names_in(data.body)
    row = await tasks.load(session, caller, task, Permission.COMMENT_WRITE)
    locked = await lock(session, caller, row, comment_id)
    if locked["created_by"] != caller.id:
        raise Forbidden(f"Editing this comment needs the permission {Permission.COMMENT_WRITE} as its author")
    before = Document.of(locked)
    require_match(if_match, shown(before, locked["reactions"]))
    projects.require_not_archived(row)
    changes = changes_of(before.fields(), data)
    if changes:
        changes["edited_at"] = utc_now()
        named = await mentions.members_named(session, row["project_id"], names)
        if [str(user_id) for user_id in named] != before.fields()["mentions"]:
            changes["mentions"] = named
    after = await writing.change(session, caller, COMMENT, place(row), before, changes)
    return shown(after, locked["reactions"])


async def delete_comment(session: DbSession, caller: Caller, task: str, comment_id: UUID, if_match: str | None) -> None:
    """For good; the facts have its text and its reactions, which is what undoing it needs."""
    row = await tasks.load(session, caller, task, Permission.COMMENT_WRITE)
    locked = await lock(session, caller, row, comment_id)
    if locked["created_by"] != caller.id and not grants(row["role"], Permission.COMMENT_MODERATE):
        raise Forbidden(f"Deleting the comment of somebody else needs the permission {Permission.COMMENT_MODERATE}")
    document = Document.of(locked)
    require_match(if_match, shown(document, locked["reactions"]))
    projects.require_not_archived(row)
    here = place(row)
    reactions = await session.fetch_rows(queries.REMOVE_REACTIONS, of_comment=comment_id)
    await publish(session, caller, *(events.reaction_removed(here, reaction) for reaction in reactions))
    await writing.remove(session, caller, COMMENT, here, document)


async def go_along(session: DbSession, caller: Caller, merged: Place, into: Place) -> None:
    """What was said about a task that is merged into another is said about that one; reactions are the comments'."""
    if await session.only_value(COMMENT.count, of_place=merged.id) > MAX_COUNTED:
        raise TooMuchToMerge(f"It has more than {MAX_COUNTED} comments")
    await writing.move_all(session, caller, COMMENT, merged, into)


def place(row: TaskRow) -> Place:
    """Where the comments on a task are."""
    return Place(row["id"], row["project_id"], Document.of(row).fields()["key"])


async def _of_task(
    session: DbSession, caller: Caller, task: str, seen_as: Callable[[Reach], Awaitable[Slice]]
) -> Slice:
    found = await seen_as(Reach.of(caller))
    if found.rows:
        return found
    await tasks.get_task(session, caller, task)
    return await seen_as(Reach.ADMINISTRATOR) if caller.is_admin else found


def _values(caller: Caller, looks: Reach) -> dict[str, object]:
    return {} if looks is Reach.ADMINISTRATOR else reach.values(caller)


async def lock(session: DbSession, caller: Caller, row: TaskRow, comment_id: UUID) -> LockedRow:
    locked = await session.fetch_row(queries.LOCK, of_id=comment_id, of_place=row["id"], reader_id=caller.id)
    if locked is None:
        raise _no_comment()
    return locked


def shown(document: Document, reactions: str) -> Document:
    """As its reader sees it: the change log tells of reactions apart."""
    return Document(f'{document.json[:-1]},"reactions":{reactions}}}', document.version, pure=False)


def _no_comment() -> NotFound:
    return NotFound("There is no such comment on this task, or you are not in its project")
