"""Off the tasks, out of the status: each task that changes leaves its fact.

However many tasks there are, a step of them is in memory at a time.
"""

from uuid import UUID

import pydantic_core

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.core.resources.document import Document, Fields
from taskapi.core.resources.records import Place
from taskapi.projects.statuses.service import TaskStatus
from taskapi.tasks import events
from taskapi.tasks.changing import CLOSED
from taskapi.tasks.departures import queries
from taskapi.tasks.departures.queries import ClearedRow


async def unassign(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """Nobody stays assigned who is not in the project."""
    rows = None
    while rows is None or len(rows) == queries.STEP:
        rows = await session.fetch_rows(
            queries.UNASSIGN, of_project=project.id, of_user=user_id, project_key=project.key, now=utc_now()
        )
        befores: list[Fields] = [{"assignee_ids": list(map(str, row["assignees_before"]))} for row in rows]
        await _publish(session, caller, [Document.of(row) for row in rows], befores)


async def move_out(session: DbSession, caller: Caller, project: Place, gone: TaskStatus, target: TaskStatus) -> None:
    """Into the status that takes the place of the one that goes; to be in a closed one is to be completed."""
    rows = None
    while rows is None or len(rows) == queries.STEP:
        rows = await session.fetch_rows(
            queries.MOVE_OUT,
            of_project=project.id,
            of_status=gone.key,
            to_status=target.key,
            to_category=target.category,
            closes=target.category in CLOSED,
            project_key=project.key,
            now=utc_now(),
        )
        was = {"status": gone.key, "status_category": gone.category}
        befores: list[Fields] = [{**was, "completed_at": row["completed_before"]} for row in rows]
        await _publish(session, caller, [Document.of(row) for row in rows], befores)


async def clear_field(session: DbSession, caller: Caller, project: Place, key: str) -> None:
    """No task keeps a value of a custom field that goes."""
    await _clear(session, caller, queries.CLEAR_FIELD, project, of_field=key)


async def clear_person(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """No custom field names somebody who is not in the project."""
    await _clear(session, caller, queries.CLEAR_PERSON, project, of_name=str(user_id))


async def _clear(
    session: DbSession, caller: Caller, statement: Statement[ClearedRow], project: Place, **which: str
) -> None:
    rows = None
    while rows is None or len(rows) == queries.STEP:
        rows = await session.fetch_rows(
            statement, of_project=project.id, project_key=project.key, now=utc_now(), **which
        )
        befores: list[Fields] = [{"fields": pydantic_core.from_json(row["fields_before"])} for row in rows]
        await _publish(session, caller, [Document.of(row) for row in rows], befores)


async def _publish(session: DbSession, caller: Caller, written: list[Document], befores: list[Fields]) -> None:
    """`befores` are what the fields were that have changed."""
    facts = (
        events.task_changed({**after.fields(), **before}, after.fields())
        for after, before in zip(written, befores, strict=True)
    )
    await publish(session, caller, *facts)
