"""publish(): the only writer of the change log, in the transaction that made the change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, cast
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Table, and_, bindparam, insert, literal_column, null, or_, select, update

from taskapi.core import context
from taskapi.core.callers import Caller, CallerKind
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare, prepare_text
from taskapi.core.ids import new_id
from taskapi.models import Event, SealedName

Changes = Mapping[str, tuple[object, object]]
_DEVICE = ("user_agent", "address", "name")
FORGOTTEN_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("username", "email", "full_name", "user_agent", "address"),
    "session": _DEVICE,
    "api_token": _DEVICE,
}
"""What deleting an account takes out of the facts about such a subject, beside its key."""


def _texts(*names: str) -> ColumnElement[list[str]]:
    return literal_column(f"'{{{','.join(names)}}}'::text[]")


_COLUMNS: Final = (
    *("id", "at", "actor_id", "actor_kind", "token_id", "request_id", "batch_id"),
    *("project_id", "subject_type", "subject_id", "subject_key", "kind", "changes"),
)
_TABLE: Final = cast("Table", Event.__table__)
_PUBLISH = prepare(insert(Event), *_COLUMNS)
_PUBLISH_SELDOM = prepare_text(
    """
    INSERT INTO events (id, at, actor_id, actor_kind, token_id, request_id, batch_id,
        project_id, subject_type, subject_id, subject_key, kind, changes)
    SELECT $id::uuid, $at::timestamptz, $actor_id::uuid, $actor_kind::text, $token_id::uuid, $request_id::text,
        $batch_id::uuid, $project_id::uuid, $subject_type::text, $subject_id::uuid, $subject_key::text, $kind::text,
        $changes::jsonb
    WHERE $is_told::boolean AND NOT EXISTS (
        SELECT FROM (
            SELECT events.kind, events.at FROM events WHERE events.subject_id = $subject_id::uuid
            ORDER BY events.xid DESC, events.seq DESC LIMIT 1
        ) AS newest
        WHERE newest.kind = $kind::text AND newest.at > $since::timestamptz
    )
    """,
    row=One[None],
)
_FORGET_NAMES = prepare(
    update(Event)
    .where(Event.subject_id == bindparam("of_user"), Event.subject_type == "user")
    .values(changes=Event.changes.op("-")(_texts(*FORGOTTEN_FIELDS["user"])), subject_key=None)
)
# Found by the facts of their making: somebody else may have ended them since, and their rows may be gone.
_made = Event.__table__.alias("made")
_made_by_user = select(_made.c.subject_id).where(
    _made.c.actor_id == bindparam("of_user"),
    or_(_made.c.kind == ChangeKind.SESSION_STARTED, _made.c.kind == ChangeKind.API_TOKEN_CREATED),
)
_FORGET_DEVICES = prepare(
    update(Event)
    .where(Event.subject_id.in_(_made_by_user))
    .values(changes=Event.changes.op("-")(_texts(*_DEVICE)), subject_key=None)
)
# Without its salt, the digest that a seal has of a name says nothing about it.
_FORGET_SALTS = prepare(
    update(SealedName)
    .where(
        SealedName.event_id.in_(
            select(Event.id).where(
                or_(
                    and_(Event.subject_id == bindparam("of_user"), Event.subject_type == "user"),
                    Event.subject_id.in_(_made_by_user),
                )
            )
        )
    )
    .values(salt=null())
)
_HOLD_NAMES = prepare_text("SELECT true FROM pg_advisory_xact_lock(7305221140285)", row=One[bool])
# Every write changes these, so a difference in them says nothing about what the write did.
_BOOKKEEPING = frozenset({"updated_at", "version"})


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened; `kind` is a ChangeKind.

    `changes` is `{field: (before, after)}`, in the words of the public representation.
    """

    kind: str
    subject_type: str
    subject_id: UUID
    changes: Changes
    project_id: UUID | None = None
    subject_key: str | None = None


PastFact: TypeAlias = tuple[Fact, datetime | None, UUID | None]
"""With the time it had, and who did it, as far as that is known."""
PastRow: TypeAlias = tuple[object, ...]
"""As it is written."""


def creation(fields: Mapping[str, object]) -> Changes:
    """Every field from null, so that the log alone can rebuild the state."""
    return {name: (None, value) for name, value in fields.items()}


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> Changes:
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if name not in _BOOKKEEPING and before.get(name) != value
    }


def deletion(fields: Mapping[str, object]) -> Changes:
    return {name: (value, None) for name, value in fields.items()}


async def publish(session: DbSession, caller: Caller | None, *facts: Fact, batch_id: UUID | None = None) -> None:
    """Write facts to the log, and refuse a kind that is not in the catalogue (ValueError).

    All facts of a session are one batch: a reader can tell what happened together, and undo it together. `batch_id`
    names the batch before its first fact.

    `caller` is None where nobody is signed in: in a registration or a sweep. The shell has a caller, but no account,
    so it is written without an actor, too.
    """
    session.projects.update(fact.project_id for fact in facts if fact.project_id is not None)
    session.people.update(fact.subject_id for fact in facts if fact.subject_type == "user")
    batch = session.batch_id = session.batch_id or batch_id or new_id()
    rows = [_row(caller, fact, batch) for fact in facts]
    if len(rows) == 1:
        await session.run(_PUBLISH, **rows[0])
    elif rows:
        await session.run_many(_PUBLISH, rows)


async def publish_seldom(session: DbSession, fact: Fact, since: datetime, *, is_told: bool) -> None:
    """Write a fact about what anybody can do, as often as they like: not where the last one about it is the same.

    Where it is not told, the same is asked of the database, so that nobody learns from the time whether it was.
    """
    batch = session.batch_id = session.batch_id or new_id()
    await session.run(_PUBLISH_SELDOM, **_row(None, fact, batch), since=since, is_told=is_told)


async def publish_past(session: DbSession, caller: Caller, facts: Iterable[PastFact]) -> None:
    """What a file tells of the past: facts with the times they had there, and who did it, as far as they are known.

    A time that is None is now. They are written in one COPY, so that an import of a million tasks ends.
    """
    await copy_past(session, list(map(telling_past(session, caller), facts)))


def telling_past(session: DbSession, caller: Caller) -> Callable[[PastFact], PastRow]:
    """Makes rows of such facts, for who makes many of them before it writes them with `copy_past`."""
    assert caller.kind is CallerKind.IMPORT
    batch = session.batch_id = session.batch_id or new_id()
    now, of_all = utc_now(), (caller.kind, caller.token_id, context.request_id.get(), batch)

    def tell(past: PastFact) -> PastRow:
        fact, at, actor_id = past
        place = (fact.project_id, fact.subject_type, fact.subject_id, fact.subject_key)
        return (new_id(), at or now, actor_id, *of_all, *place, _kind(fact), to_json(fact.changes).decode())

    return tell


async def copy_past(session: DbSession, rows: Sequence[PastRow]) -> None:
    if rows:
        await session.copy(_TABLE, _COLUMNS, rows)


def _kind(fact: Fact) -> str:
    kind = ChangeKind(fact.kind)
    assert fact.subject_type == kind.subject, fact
    return kind.value


def _row(caller: Caller | None, fact: Fact, batch_id: UUID) -> dict[str, object]:
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
        "kind": _kind(fact),
        "changes": to_json(fact.changes).decode(),
        "batch_id": batch_id,
    }


async def forget_person(session: DbSession, user_id: UUID) -> None:
    """Take the names, addresses and devices of a deleted account out of the log, and what its API tokens were called.

    This is the one write that changes facts. What happened, and when, stays: it is the history of projects and tasks,
    and says nothing about the person any more. The chain of seals stays whole, for it has the names apart.
    """
    await hold_names(session)
    await session.run(_FORGET_NAMES, of_user=user_id)
    await session.run(_FORGET_DEVICES, of_user=user_id)
    await session.run(_FORGET_SALTS, of_user=user_id)


async def hold_names(session: DbSession) -> None:
    """Nobody seals names in the log while somebody takes some out of it: the salt of a name must not outlive it."""
    await session.run(_HOLD_NAMES)
