"""Has the rules of a project act on what has happened in it, each once, in the order of commits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

import structlog

from taskapi.automation.acting import service as acting
from taskapi.automation.acting.service import Outcome, RunState
from taskapi.automation.rules.queries import AWAKE, AwakeRow
from taskapi.automation.rules.schemas import RuleKind
from taskapi.automation.runs import queries
from taskapi.automation.runs.queries import MadeRow
from taskapi.automation.runs.service import task_of
from taskapi.core.callers import Caller
from taskapi.core.change_log.readers import LogReader
from taskapi.core.change_log.tail import LoggedChange
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError, InternalError
from taskapi.core.ids import new_id
from taskapi.tasks.lists import service as lists

log = structlog.stdlib.get_logger("taskapi.rules")

_DEEPEST: Final = 5
_OURS: Final = 500
_KINDS: Final = frozenset(str(kind) for kind in RuleKind)


async def react(session: DbSession, changes: Sequence[LoggedChange]) -> None:
    told = [change for change in changes if change.kind in _KINDS and change.project_id is not None]
    if not told:
        return
    rules = await session.fetch_rows(AWAKE, of_projects=list({change.project_id for change in told}))
    due = list(_due(rules, told))
    if not due:
        return
    batches = {change.batch_id for _, change in due if change.batch_id is not None}
    made = {row["id"]: row for row in await session.fetch_rows(queries.MADE, batches=list(batches))}
    for rule, change in due:
        await _act(session, rule, change, _maker(made, change))


def _due(rules: Sequence[AwakeRow], changes: Sequence[LoggedChange]) -> Iterator[tuple[AwakeRow, LoggedChange]]:
    """Of each change, in the order of commits, the rules that look at it, in theirs.

    A rule begins with what happens after it was written: who writes one does not mean what is long past.
    """
    for change in changes:
        for rule in rules:
            is_there = rule["project_id"] == change.project_id and change.at >= rule["updated_at"]
            if is_there and change.kind in rule["kinds"]:
                yield rule, change


def _maker(made: Mapping[UUID, MadeRow], change: LoggedChange) -> MadeRow | None:
    return None if change.batch_id is None else made.get(change.batch_id)


async def _act(session: DbSession, rule: AwakeRow, change: LoggedChange, maker: MadeRow | None) -> None:
    """Nothing is kept of tasks that do not fit. A rule does not react to what it did itself."""
    if maker is not None and maker["rule_id"] == rule["id"]:
        return
    task_id = await task_of(session, change.subject_type, change.subject_id, change.changes)
    if task_id is None:
        return
    caller = acting.as_member(rule["owner_id"], rule["timezone"])
    depth = 1 if maker is None else maker["depth"] + 1
    # What it writes is a batch of its own, by whose id its changes are known again.
    run_id = session.batch_id = new_id()
    outcome = await _outcome(session, caller, rule, task_id, depth)
    session.batch_id = None
    if outcome is None:
        return
    await session.run(
        queries.ADD,
        rule_id=rule["id"],
        change_id=change.id,
        id=run_id,
        kind=change.kind,
        task_id=task_id,
        state=outcome.state,
        depth=depth,
        code=outcome.code,
        detail=outcome.detail,
        action=outcome.action,
        at=utc_now(),
    )


async def _outcome(session: DbSession, caller: Caller, rule: AwakeRow, task_id: UUID, depth: int) -> Outcome | None:
    """None where the task does not fit the filter, or is not in the project any more."""
    try:
        async with session.savepoint():
            fits = await lists.fitting(session, caller, rule["project_id"], rule["filter"], "/filter", [task_id])
            if not fits:
                return None
            if depth > _DEEPEST:
                return Outcome(RunState.CUT)
            return await acting.attempt(session, caller, task_id, acting.read(rule["actions"]))
    except AppError as error:
        if error.status >= _OURS:
            raise
        # The filter, which names a custom field that is gone.
        return Outcome(RunState.FAILED, error.code, error.detail)
    except Exception:
        # The rules of others go on: whoever runs the service finds this one in its log.
        log.exception("rules.failed", rule_id=str(rule["id"]))
        return Outcome(RunState.FAILED, InternalError.code, InternalError.title)


# Few at once: the tasks that they act on are locked until all of them are done.
ACTING: Final = LogReader("rules", react, at_once=10, passes_over_imports=True)
