"""Off the tasks, out of the status or the milestone: each task that changes leaves its fact.

However many tasks there are, a step of them is in memory at a time.
"""

from uuid import UUID

import pydantic_core

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.core.resources.document import Document, Fields, Versioned
from taskapi.core.resources.records import Place
from taskapi.projects.statuses.service import TaskStatus
from taskapi.tasks import events
from taskapi.tasks.changing import CLOSED
from taskapi.tasks.departures import queries
from taskapi.tasks.departures.queries import ClearedRow
from taskapi.tasks.wip import service as wip


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
    """Into the status that takes the place of the one that goes; to be in a closed one is to be completed.

    Its limit holds for them, too, all but those in the trash. It is asked afterwards: who enters a status has locked a
    task and waits for the status, so tasks come first here as well.
    """
    rows, some_live = None, False
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
        written = [Document.of(row) for row in rows]
        some_live = some_live or any(task.fields()["deleted_at"] is None for task in written)
        await _publish(session, caller, written, befores)
    if some_live:
        await wip.require_room(session, project.id, target.key, target.wip_limit, entering=0)


async def unlabel(session: DbSession, caller: Caller, project: Place, label_id: UUID) -> None:
    """No task keeps a label that is gone."""
    rows = None
    while rows is None or len(rows) == queries.STEP:
        rows = await session.fetch_rows(queries.UNLABEL, of_label=label_id, **_here(project))
        befores: list[Fields] = [{"label_ids": list(map(str, row["labels_before"]))} for row in rows]
        await _publish(session, caller, [Document.of(row) for row in rows], befores)


async def leave_milestone(session: DbSession, caller: Caller, project: Place, milestone_id: UUID) -> None:
    was = {"milestone_id": str(milestone_id)}
    await _leave(session, caller, queries.LEAVE_MILESTONE, was, of_milestone=milestone_id, **_here(project))


async def leave_cycle(session: DbSession, caller: Caller, project: Place, cycle_id: UUID) -> None:
    was = {"cycle_id": str(cycle_id)}
    await _leave(session, caller, queries.LEAVE_CYCLE, was, of_cycle=cycle_id, **_here(project))


async def hand_on(session: DbSession, caller: Caller, project: Place, cycle_id: UUID, target: UUID) -> int:
    """The open tasks of a cycle go to another one; how many there were."""
    was = {"cycle_id": str(cycle_id)}
    return await _leave(session, caller, queries.HAND_ON, was, of_cycle=cycle_id, to_cycle=target, **_here(project))


async def _leave(
    session: DbSession, caller: Caller, statement: Statement[Versioned], was: Fields, **values: object
) -> int:
    """Out of something that all of them were in; how many there were."""
    count, rows = 0, None
    while rows is None or len(rows) == queries.STEP:
        rows = await session.fetch_rows(statement, **values)
        count += len(rows)
        await _publish(session, caller, [Document.of(row) for row in rows], [was] * len(rows))
    return count


def _here(project: Place) -> dict[str, object]:
    return {"of_project": project.id, "project_key": project.key, "now": utc_now()}


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
        rows = await session.fetch_rows(statement, **_here(project), **which)
        befores: list[Fields] = [{"fields": pydantic_core.from_json(row["fields_before"])} for row in rows]
        await _publish(session, caller, [Document.of(row) for row in rows], befores)


async def _publish(session: DbSession, caller: Caller, written: list[Document], befores: list[Fields]) -> None:
    """`befores` are what the fields were that have changed."""
    facts = (
        events.task_changed({**after.fields(), **before}, after.fields())
        for after, before in zip(written, befores, strict=True)
    )
    await publish(session, caller, *facts)
