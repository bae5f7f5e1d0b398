"""publish(): the only writer of the change log, in the transaction that made the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, bindparam, insert, literal_column, update

from taskapi.core import context
from taskapi.core.callers import Caller, CallerKind
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare
from taskapi.core.ids import new_id
from taskapi.models import Event

Changes = dict[str, tuple[Any, Any]]


def _texts(*names: str) -> ColumnElement[Any]:
    return literal_column(f"'{{{','.join(names)}}}'::text[]")


_PUBLISH = prepare(
    insert(Event),
    *("id", "at", "actor_id", "actor_kind", "token_id", "request_id", "batch_id"),
    *("project_id", "subject_type", "subject_id", "subject_key", "kind", "changes"),
)
_FORGET_NAMES = prepare(
    update(Event)
    .where(Event.subject_id == bindparam("of_user"), Event.subject_type == "user")
    .values(changes=Event.changes.op("-")(_texts("username", "email", "full_name")), subject_key=None)
)
_FORGET_DEVICES = prepare(
    update(Event)
    .where(Event.actor_id == bindparam("of_user"), Event.subject_type == "session")
    .values(changes=Event.changes.op("-")(_texts("user_agent", "address")))
)
# What every write touches tells nobody anything.
_BOOKKEEPING = frozenset({"updated_at", "version"})


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened. `changes` is `{field: (before, after)}`, in the words of the public representation."""

    kind: str
    subject_type: str
    subject_id: UUID
    changes: Changes
    project_id: UUID | None = None
    subject_key: str | None = None


def creation(fields: Mapping[str, Any]) -> Changes:
    """Every field from nothing, so that a state can be rebuilt from the log alone."""
    return {name: (None, value) for name, value in fields.items()}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if name not in _BOOKKEEPING and before.get(name) != value
    }


def deletion(fields: Mapping[str, Any]) -> Changes:
    return {name: (value, None) for name, value in fields.items()}


async def publish(session: DbSession, caller: Caller | None, *facts: Fact, batch_id: UUID | None = None) -> None:
    """Write facts to the log. `caller` is None where nobody is signed in: a registration, a sweep.

    All facts of a session are one batch: a reader can tell what happened together, and undo it together. `batch_id`
    names the batch before its first fact.

    The shell, too, acts as no account of ours.
    """
    batch = session.batch_id = session.batch_id or batch_id or new_id()
    rows = [_row(caller, fact, batch) for fact in facts]
    if len(rows) == 1:
        await session.fetch_row(_PUBLISH, **rows[0])
    elif rows:
        await session.run_many(_PUBLISH, rows)


def _row(caller: Caller | None, fact: Fact, batch_id: UUID) -> dict[str, Any]:
    has_account = caller is not None and caller.kind is not CallerKind.SYSTEM
    return {
        "id": new_id(),
        "at": utc_now(),
        "actor_id": caller.id if caller and has_account else None,
        "actor_kind": caller.kind if caller else CallerKind.SYSTEM,
        "token_id": caller.token_id if caller else None,
        "request_id": context.request_id.get(),
        "project_id": fact.project_id,
        "subject_type": fact.subject_type,
        "subject_id": fact.subject_id,
        "subject_key": fact.subject_key,
        "kind": fact.kind,
        "changes": to_json(fact.changes).decode(),
        "batch_id": batch_id,
    }


async def forget_person(session: DbSession, user_id: UUID) -> None:
    """Take out of the log who a deleted account was: the one exception to "what is written stays".

    That something happened, and what was done to projects and tasks, is not personal, and is kept.
    """
    await session.fetch_row(_FORGET_NAMES, of_user=user_id)
    await session.fetch_row(_FORGET_DEVICES, of_user=user_id)
