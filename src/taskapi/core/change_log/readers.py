"""Readers of the log: listeners that follow every change, each in a row of `consumers`, taking turns over all workers.

What a reader writes and its new position are one transaction, so that each change has its effect exactly once,
whichever process dies. What is not in the database (a mail, a webhook) is a job enqueued in that transaction.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypedDict

import structlog

from taskapi.core.change_log.tail import BEGINNING, SETTLED, LoggedChange, Position, Tail
from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare_text
from taskapi.core.ids import first_id_of

log = structlog.stdlib.get_logger("taskapi.readers")

_GONE_AFTER: Final = timedelta(days=30)


class Begins(StrEnum):
    """Where a reader starts that has never read."""

    NOW = "now"
    AT_THE_BEGINNING = "at_the_beginning"


@dataclass(frozen=True, slots=True)
class LogReader:
    """`read` is given the next changes in commit order, in the transaction that moves the reader past them.

    It waits for nothing but the database, and writes only what may happen at any time later: changes come to it late,
    and after others. What cannot be done it notes and goes past; a failure that it raises is tried again for ever.
    """

    name: str
    read: Callable[[DbSession, Sequence[LoggedChange]], Awaitable[None]]
    begins: Begins = Begins.NOW
    at_once: int = 200
    passes_over_imports: bool = False
    """What an import brought along is not for it: it has long happened elsewhere, and there may be a million of it."""
    asks_what_changed: bool = True
    """Else `changes` are empty: writing them out and reading them is most of what a change costs its reader."""


class _Stored(TypedDict):
    xid: str
    seq: int


_REGISTER: Final = prepare_text(
    """
    INSERT INTO consumers (name, xid, seq) VALUES ($name::text, $xid::text::xid8, 0) ON CONFLICT (name) DO NOTHING
    """,
    row=One[None],
)
# Asked many times a second, so it writes nothing: a lock would.
_BEHIND: Final = prepare_text(
    f"""
    SELECT name FROM consumers
    WHERE name = ANY ($names::text[]) AND EXISTS (
        SELECT FROM events
        WHERE (events.xid, events.seq) > (consumers.xid, consumers.seq) AND events.xid < {SETTLED}
    )
    """,  # noqa: S608 - of texts of ours
    row=One[str],
)
_TAKE: Final = prepare_text(
    "SELECT xid::text AS xid, seq FROM consumers WHERE name = $name::text FOR UPDATE SKIP LOCKED", row=_Stored
)
_MOVE: Final = prepare_text(
    "UPDATE consumers SET xid = $xid::text::xid8, seq = $seq::bigint WHERE name = $name::text", row=One[None]
)


# When a row was written says its transaction: the log tells which one was the last before that time.
_FORGET_GONE: Final = prepare_text(
    """
    DELETE FROM consumers WHERE name IN (
        SELECT name FROM consumers
        WHERE NOT name = ANY ($known::text[])
            AND pg_snapshot_xmax(pg_current_snapshot())::text::bigint - age(consumers.xmin) < (
                SELECT events.xid::text::bigint FROM events WHERE events.id < $before::uuid
                ORDER BY events.id DESC LIMIT 1
            )
        FOR UPDATE SKIP LOCKED
    )
    RETURNING name
    """,
    row=One[str],
)


async def forget_gone(session: DbSession, known: Sequence[str]) -> None:
    """Let go of readers that no program has any more, for whom the log would keep its old changes for ever.

    A name that this program does not know may be one of a newer or an older program, which works beside it during an
    upgrade. That one reads whenever something happens; so only who has not for a month of changes is gone.
    """
    before = first_id_of(utc_now() - _GONE_AFTER)
    for name in await session.fetch_values(_FORGET_GONE, known=list(known), before=before):
        log.warning("reader.gone", reader=name, days=_GONE_AFTER.days)


async def register(database: Database, tail: Tail, readers: Iterable[LogReader]) -> None:
    """Give each reader its row, once and for all."""
    async with unit_of_work(database) as session:
        end = await tail.settle(session)
        for reader in readers:
            start = end if reader.begins is Begins.NOW else BEGINNING
            await session.run(_REGISTER, name=reader.name, xid=str(start.xid))


async def behind(database: Database, tail: Tail, readers: Sequence[LogReader]) -> list[LogReader]:
    """Those that have something to read."""
    async with database.autocommit() as session:
        await tail.settle(session)
        names = await session.fetch_values(_BEHIND, names=[reader.name for reader in readers], foreign=tail.foreign)
    return [reader for reader in readers if reader.name in names]


async def take_turn(database: Database, tail: Tail, reader: LogReader, at_once: int | None = None) -> int:
    """Let a reader read once, unless another worker does; how many changes it has read."""
    async with unit_of_work(database) as session:
        stored = await session.fetch_row(_TAKE, name=reader.name)
        if stored is None:
            return 0
        after = Position(int(stored["xid"]), stored["seq"])
        rows = at_once or reader.at_once
        changes = await tail.read(session, after, rows, asks_what_changed=reader.asks_what_changed)
        if changes:
            told = [one for one in changes if not (reader.passes_over_imports and one.is_brought_along)]
            if told:
                await reader.read(session, told)
            end = changes[-1].position
            if changes[-1] not in told[-1:]:
                end = await tail.end_of_import(session, end)
            await session.run(_MOVE, name=reader.name, xid=str(end.xid), seq=end.seq)
        return len(changes)


async def read_to_the_end(database: Database, tail: Tail, reader: LogReader) -> None:
    """All that is settled."""
    while await take_turn(database, tail, reader):
        pass
