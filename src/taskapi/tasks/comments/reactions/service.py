"""Reactions: put and taken away by whoever may comment; each once a person, however often it is asked for."""

from typing import Final
from uuid import UUID

from pydantic_core import from_json

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document
from taskapi.projects import service as projects
from taskapi.tasks import service as tasks
from taskapi.tasks.comments import events, queries
from taskapi.tasks.comments import service as comments
from taskapi.tasks.comments.errors import TooManyReactions

_MOST: Final = 20


async def add_reaction(session: DbSession, caller: Caller, task: str, comment_id: UUID, emoji: str) -> Document:
    """The comment as it is now."""
    row = await tasks.load(session, caller, task, Permission.COMMENT_WRITE)
    # Locked, so that two at once do not pass the bound together.
    comment = await comments.lock(session, caller, row, comment_id)
    projects.require_not_archived(row)
    there = {reaction["emoji"]: reaction["mine"] for reaction in from_json(comment["reactions"])}
    if there.get(emoji):
        return comments.shown(Document.of(comment), comment["reactions"])
    if emoji not in there and len(there) >= _MOST:
        raise TooManyReactions(f"The comment has {_MOST} different reactions; put one of them")
    added = await session.only_row(
        queries.ADD_REACTION,
        id=new_id(),
        comment_id=comment_id,
        emoji=emoji,
        user_id=caller.id,
        created_at=utc_now(),
    )
    await publish(session, caller, events.reaction_added(comments.place(row), added))
    comment = await comments.lock(session, caller, row, comment_id)
    return comments.shown(Document.of(comment), comment["reactions"])


async def remove_reaction(session: DbSession, caller: Caller, task: str, comment_id: UUID, emoji: str) -> None:
    """One's own; where there is none, nothing happens."""
    row = await tasks.load(session, caller, task, Permission.COMMENT_WRITE)
    await comments.lock(session, caller, row, comment_id)
    projects.require_not_archived(row)
    removed = await session.fetch_row(queries.REMOVE_REACTION, of_comment=comment_id, of_emoji=emoji, of_user=caller.id)
    if removed is not None:
        await publish(session, caller, events.reaction_removed(comments.place(row), removed))
