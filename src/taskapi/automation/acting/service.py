"""Having a rule act on one task: all of its actions, or none of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from taskapi.automation.acting import queries
from taskapi.automation.acting.schemas import Action, CommentAction, NotifyAction, PatchAction, RulePatch
from taskapi.core.callers import Caller, CallerKind
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError
from taskapi.models import SystemRole
from taskapi.notifications import service as notifications
from taskapi.projects.fields import service as custom_fields
from taskapi.projects.fields import values as custom_values
from taskapi.tasks import errors
from taskapi.tasks import service as tasks
from taskapi.tasks.bulk import service as bulk
from taskapi.tasks.bulk.schemas import BulkUpdate
from taskapi.tasks.comments import service as comments
from taskapi.tasks.comments.schemas import CommentCreate
from taskapi.tasks.lists import service as lists
from taskapi.tasks.marks import service as marks

_STORED: Final[TypeAdapter[list[Action]]] = TypeAdapter(list[Action])
_OURS: Final = 500


class RunState(StrEnum):
    """What became of a rule's acting."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Outcome:
    state: RunState
    code: str | None = None
    detail: str | None = None
    action: int | None = None
    """The place of the action that failed, from 0."""


def as_member(user_id: UUID, timezone: str) -> Caller:
    """Whom a rule acts as: a member by the role that they have now, whatever else they may do in the service."""
    return Caller(user_id, SystemRole.USER, kind=CallerKind.RULE, timezone=timezone)


def read(stored: str) -> list[Action]:
    """Actions as a rule keeps them."""
    return _STORED.validate_json(stored)


async def attempt(session: DbSession, caller: Caller, task_id: UUID, actions: Sequence[Action]) -> Outcome:
    """What cannot be done is undone as a whole, and said; the transaction goes on.

    A failure that is the database's, such as a deadlock, is raised: it is no failure of the rule, and passes.
    """
    at, changed = 0, False
    try:
        async with session.savepoint():
            for place, action in enumerate(actions):
                at = place
                changed |= await _act(session, caller, task_id, action)
    except AppError as error:
        if error.status >= _OURS:
            raise
        return Outcome(RunState.FAILED, error.code, error.detail, at)
    return Outcome(RunState.DONE if changed else RunState.UNCHANGED)


async def _act(session: DbSession, caller: Caller, task_id: UUID, action: Action) -> bool:
    """Whether there was something to do."""
    match action:
        case PatchAction():
            wanted = BulkUpdate.model_validate({"ids": [str(task_id)], "patch": action.patch})
            return (await bulk.change_tasks(session, caller, wanted)).changed > 0
        case CommentAction():
            await comments.create_comment(session, caller, str(task_id), CommentCreate(body=action.body))
            return True
        case NotifyAction():
            fields = (await tasks.get_task(session, caller, str(task_id))).fields()
            told = await notifications.tell_by_rule(session, UUID(fields["project_id"]), task_id, action.user_ids)
            return told > 0


async def require_possible(
    session: DbSession, caller: Caller, project_id: UUID, text: str, actions: Sequence[Action]
) -> None:
    """That the filter can be read, and that the project has what the actions name."""
    if text:
        await lists.fitting(session, caller, project_id, text, "/filter", [])
    for place, action in enumerate(actions):
        if isinstance(action, PatchAction):
            with _pointing_to(f"/actions/{place}/patch"):
                await _require_known(session, project_id, action.patch)
        elif isinstance(action, NotifyAction):
            unknown = await _first_stranger(session, project_id, action.user_ids)
            if unknown is not None:
                raise errors.unknown_member(unknown, f"/actions/{place}/user_ids")


async def _first_stranger(session: DbSession, project_id: UUID, people: list[UUID]) -> int | None:
    """The place of the first who is no member."""
    members = await tasks.members_among(session, project_id, people) if people else set()
    return next((place for place, user_id in enumerate(people) if user_id not in members), None)


async def _require_known(session: DbSession, project_id: UUID, patch: RulePatch) -> None:
    if patch.status and not await session.only_value(queries.HAS_STATUS, of_project=project_id, of_key=patch.status):
        raise errors.unknown_status()
    for name in ("assignee_ids", "add_assignee_ids"):
        unknown = await _first_stranger(session, project_id, getattr(patch, name))
        if unknown is not None:
            raise errors.unknown_assignee(unknown, f"/{name}")
    # The one that is given; the other is empty.
    await marks.require(
        session,
        project_id,
        {
            "label_ids": patch.label_ids or patch.add_label_ids,
            "milestone_id": patch.milestone_id,
            "cycle_id": patch.cycle_id,
        },
    )
    if patch.fields:
        definitions = await custom_fields.definitions(session, project_id)
        custom_values.merged(definitions, {}, patch.fields)
        if named := custom_values.people(definitions, patch.fields):
            members = await tasks.members_among(session, project_id, list(named.values()))
            custom_values.require_members(definitions, patch.fields, members)


@contextmanager
def _pointing_to(place: str) -> Iterator[None]:
    try:
        yield
    except AppError as error:
        for fault in error.members.get("errors", ()):
            fault["pointer"] = f"{place}{fault['pointer']}"
        raise
