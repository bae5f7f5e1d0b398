"""Reactions and choices to watch, of those who are members here: nobody else has a choice to be kept."""

from collections.abc import Sequence

from pydantic_core import to_json

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish_past
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.ids import new_id
from taskapi.imports.children.service import Furnished, comment_id
from taskapi.imports.choices import queries
from taskapi.imports.known import Known
from taskapi.tasks.comments import events as comment_events
from taskapi.tasks.watchers import events as watcher_events


async def keep(session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known) -> None:
    """When the comments are there."""
    await _react(session, caller, furnished, known)
    await _watch(session, caller, furnished, known)


async def _react(session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known) -> None:
    places, wanted = {}, []
    for one in furnished:
        for comment in one.record.comments:
            if comment.external_id is None:
                continue
            of_comment = comment_id(one.task.id, comment.external_id)
            for reaction in comment.reactions:
                if (person := known.person(reaction.person)) is not None:
                    places[of_comment] = one.task
                    new = {"id": new_id(), "comment_id": of_comment, "emoji": reaction.emoji, "user_id": person}
                    wanted.append(new)
    if not wanted:
        return
    rows = await session.fetch_rows(queries.REACT, rows=to_json(wanted).decode(), now=utc_now())
    told = [(comment_events.reaction_added(places[row["comment_id"]], row), None, row["user_id"]) for row in rows]
    await publish_past(session, caller, told)


async def _watch(session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known) -> None:
    places = {one.task.id: one.task for one in furnished}
    wanted = [
        {"id": new_id(), "task_id": one.task.id, "user_id": user_id, "watching": watching}
        for one in furnished
        for person, watching in one.record.watchers
        if (user_id := known.person(person)) is not None
    ]
    if not wanted:
        return
    rows = await session.fetch_rows(queries.WATCH, rows=to_json(wanted).decode())
    told = [(watcher_events.chose(places[row["task_id"]], row), None, row["user_id"]) for row in rows]
    await publish_past(session, caller, told)
