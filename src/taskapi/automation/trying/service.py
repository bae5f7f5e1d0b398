"""Trying a rule: it acts on each task as it would, and all of that is undone."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from pydantic_core import from_json, to_json

from taskapi.automation.acting import service as acting
from taskapi.automation.acting.schemas import Action, CommentAction
from taskapi.automation.acting.service import Outcome, RunState
from taskapi.automation.rules import service as rules
from taskapi.automation.rules.schemas import RuleKind, RuleWish
from taskapi.automation.runs.service import task_of
from taskapi.automation.trying import queries
from taskapi.automation.trying.queries import LastRow
from taskapi.automation.trying.schemas import Trial, TrialItem
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Changes, difference
from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import require_match
from taskapi.tasks import service as tasks
from taskapi.tasks.lists import service as lists


@dataclass(frozen=True, slots=True)
class _Tried:
    key: str
    outcome: Outcome
    changes: Changes


class _Undo(Exception):
    """Thrown out of a savepoint that nothing shall be left of."""


async def try_wish(session: DbSession, caller: Caller, project: str, data: RuleWish) -> Trial:
    row = await rules.load_to_write(session, caller, project)
    await acting.require_possible(session, caller, row["id"], data.filter, data.actions)
    return await _try(session, caller, row["id"], data.kinds, data.filter, data.actions)


async def try_rule(session: DbSession, caller: Caller, project: str, rule_id: UUID, if_match: str | None) -> Trial:
    row = await rules.load_to_write(session, caller, project)
    found = await rules.get_rule(session, caller, project, rule_id)
    require_match(if_match, found)
    rule = found.fields()
    kinds = [RuleKind(kind) for kind in rule["kinds"]]
    actions = acting.read(to_json(rule["actions"]).decode())
    return await _try(session, caller, row["id"], kinds, rule["filter"], actions)


async def _try(
    session: DbSession, caller: Caller, project_id: UUID, kinds: list[RuleKind], text: str, actions: Sequence[Action]
) -> Trial:
    """As if the rule were the caller's, with the rights that they have as a member."""
    member = acting.as_member(caller.id, caller.timezone)
    rows = await session.fetch_rows(queries.LAST, of_project=project_id, kinds=kinds)
    found = [(row, await _task_of(session, row)) for row in rows]
    task_ids = {task_id for _, task_id in found if task_id is not None}
    fitting = await lists.fitting(session, member, project_id, text, "/filter", task_ids)
    tried = {task_id: await _tried(session, member, task_id, actions) for task_id in sorted(fitting)}
    said = [action.body for action in actions if isinstance(action, CommentAction)]
    items = [_item(row, task_id, tried[task_id], said) for row, task_id in found if task_id in tried]
    return Trial(looked_at=len(rows), items=items)


async def _task_of(session: DbSession, row: LastRow) -> UUID | None:
    return await task_of(session, row["subject_type"], row["subject_id"], from_json(row["changes"]))


async def _tried(session: DbSession, member: Caller, task_id: UUID, actions: Sequence[Action]) -> _Tried:
    """Each task as it is now: what would be done to others before is undone by then."""
    tried: list[_Tried] = []
    with suppress(_Undo):
        async with session.savepoint():
            before = (await tasks.get_task(session, member, str(task_id))).fields()
            outcome = await acting.attempt(session, member, task_id, actions)
            after = (await tasks.get_task(session, member, str(task_id))).fields()
            tried.append(_Tried(before["key"], outcome, difference(before, after)))
            raise _Undo
    return tried[0]


def _item(row: LastRow, task_id: UUID | None, tried: _Tried, said: list[str]) -> TrialItem:
    assert task_id is not None
    outcome = tried.outcome
    return TrialItem(
        change_id=row["id"],
        at=row["at"],
        kind=RuleKind(row["kind"]),
        task_id=task_id,
        task_key=tried.key,
        state=outcome.state,
        changes=dict(tried.changes),
        comments=said if outcome.state is RunState.DONE else [],
        code=outcome.code,
        detail=outcome.detail,
        action=outcome.action,
    )
