"""The log in the order of commits: what is settled, and what came after a position.

Transactions commit in another order than they begin. So a reader goes by `(xid, seq)` and stops at the oldest
transaction that still runs: what is before that will never change, so nobody misses a change or sees one twice, and no
writer waits for a reader. Changes of one thing come in the order in which they were made (models/events.py says why).
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, TypedDict
from uuid import UUID

from pydantic_core import from_json

from taskapi.core.callers import CallerKind
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare_text


class Position(NamedTuple):
    """Of a change in the log; a reader that stands here has dealt with it, and with all before it."""

    xid: int
    seq: int


BEGINNING: Final = Position(0, 0)


def settled(foreign: str) -> str:
    """SQL for the oldest transaction that may still write here: every change with a smaller `xid` is settled.

    `foreign` is the SQL parameter with the transactions of other databases of the same server, as far as they are
    known (`FOREIGN`, `Tail.foreign`).
    """
    return f"""(
        SELECT coalesce(min(running), pg_snapshot_xmax(pg_current_snapshot()))
        FROM pg_snapshot_xip(pg_current_snapshot()) AS running
        WHERE NOT running::text = ANY ({foreign})
    )"""  # noqa: S608 - a parameter of ours


SETTLED: Final = settled("$foreign::text[]")
"""As `prepare_text` names its parameters."""
AFTER: Final = "(events.xid, events.seq) > ($after_xid::text::xid8, $after_seq::bigint)"


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One row of the log."""

    position: Position
    id: UUID
    at: datetime
    kind: str
    actor_id: UUID | None
    actor_kind: str
    token_id: UUID | None
    request_id: str | None
    project_id: UUID | None
    subject_type: str
    subject_id: UUID
    subject_key: str | None
    changes: dict[str, list[object]]
    """`{field: [before, after]}`, in the words of the public representation."""
    batch_id: UUID | None

    @property
    def is_brought_along(self) -> bool:
        """Whether an import wrote it about something else than itself."""
        return self.actor_kind == CallerKind.IMPORT and self.subject_type != "import"


class _Row(TypedDict):
    xid: str
    seq: int
    id: UUID
    at: datetime
    kind: str
    actor_id: UUID | None
    actor_kind: str
    token_id: UUID | None
    request_id: str | None
    project_id: UUID | None
    subject_type: str
    subject_id: UUID
    subject_key: str | None
    changes: str
    batch_id: UUID | None


class _End(TypedDict):
    xid: str
    seq: int


class _Oldest(TypedDict):
    oldest: str
    next: str


_BUT_CHANGES: Final = """
    events.xid::text AS xid, seq, id, at, kind, actor_id, actor_kind, token_id, request_id, project_id,
        subject_type, subject_id, subject_key, batch_id
"""
_COLUMNS: Final = f"{_BUT_CHANGES}, changes::text AS changes"
_READ: Final = prepare_text(
    f"""
    SELECT {_BUT_CHANGES}, CASE WHEN $asks_what_changed::boolean THEN changes::text ELSE '{{}}' END AS changes
    FROM events
    WHERE {AFTER} AND events.xid < {SETTLED}
    ORDER BY events.xid, seq
    LIMIT $rows::integer
    """,  # noqa: S608 - of texts of ours
    row=_Row,
)
_READ_BETWEEN: Final = prepare_text(
    f"""
    SELECT {_COLUMNS}
    FROM events
    WHERE {AFTER} AND (events.xid, events.seq) <= ($last_xid::text::xid8, $last_seq::bigint)
    ORDER BY events.xid, seq
    LIMIT $rows::integer
    """,  # noqa: S608 - of texts of ours
    row=_Row,
)
_IMPORTED: Final = "actor_kind = 'import' AND subject_type <> 'import'"
_END_OF_IMPORT: Final = prepare_text(
    f"""
    WITH following AS MATERIALIZED (
        SELECT events.xid, seq, {_IMPORTED} AS is_brought_along
        FROM events
        WHERE {AFTER} AND events.xid < {SETTLED}
        ORDER BY events.xid, seq
        LIMIT 5000
    ), other AS (
        SELECT xid, seq FROM following WHERE NOT is_brought_along ORDER BY xid, seq LIMIT 1
    )
    SELECT following.xid::text AS xid, following.seq FROM following LEFT JOIN other ON true
    WHERE other.xid IS NULL OR (following.xid, following.seq) < (other.xid, other.seq)
    ORDER BY following.xid DESC, following.seq DESC
    LIMIT 1
    """,  # noqa: S608 - of texts of ours
    row=_End,
)
_OLDEST: Final = prepare_text(
    f"SELECT {SETTLED}::text AS oldest, pg_snapshot_xmax(pg_current_snapshot())::text AS next",
    row=_Oldest,
)
# A transaction locks its own number. Those without a process, which are prepared ones, could be of any database.
FOREIGN: Final = """
    SELECT running::text
    FROM pg_snapshot_xip(pg_current_snapshot()) AS running
    JOIN pg_locks ON pg_locks.locktype = 'transactionid' AND pg_locks.granted
        AND pg_locks.mode = 'ExclusiveLock' AND pg_locks.transactionid = running::xid
    JOIN pg_stat_activity AS activity ON activity.pid = pg_locks.pid
    WHERE activity.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_FOREIGN: Final = prepare_text(FOREIGN, row=One[str])
# Nearly every transaction is over by then, and who looks at all locks of a busy server is not free.
_PATIENCE: Final = 0.2


@dataclass(slots=True)
class Tail:
    """Where the settled part of the log ends; one a process, for it remembers whom it need not wait for."""

    foreign: list[str] = field(default_factory=list)
    """Transactions that run in other databases of this server: they cannot write here, however long they last."""
    _held_by: str = ""
    _held_since: float = 0.0

    async def settle(self, session: DbSession) -> Position:
        """The end of what is settled: where a reader begins who wants nothing of before.

        Every reader asks first: here it is noticed that a transaction of another database has held up the others.
        """
        oldest = await session.only_row(_OLDEST, foreign=self.foreign)
        if await self.notice(session, oldest["oldest"], oldest["next"]):
            oldest = await session.only_row(_OLDEST, foreign=self.foreign)
        return Position(int(oldest["oldest"]), 0)

    async def notice(self, session: DbSession, oldest: str, following: str) -> bool:
        """Told by each reader where the settled part ended for it; whether whom to wait for was looked up anew.

        `following` is the number that the next transaction gets: where it is the oldest, nobody holds up anything.
        """
        now = time.monotonic()
        if oldest != self._held_by:
            self._held_by, self._held_since = oldest, now
        if oldest == following or now - self._held_since <= _PATIENCE:
            return False
        self.foreign, self._held_since = await session.fetch_values(_FOREIGN), now
        return True

    async def read(
        self, session: DbSession, after: Position, rows: int, *, asks_what_changed: bool = True
    ) -> list[LoggedChange]:
        """The next so many settled changes, in the order of their commits."""
        found = await session.fetch_rows(
            _READ,
            after_xid=str(after.xid),
            after_seq=after.seq,
            rows=rows,
            foreign=self.foreign,
            asks_what_changed=asks_what_changed,
        )
        return [_logged(row) for row in found]

    async def end_of_import(self, session: DbSession, after: Position) -> Position:
        """The last of what an import brought along from there on, as far as some thousands: nobody has to read it."""
        found = await session.fetch_row(
            _END_OF_IMPORT, after_xid=str(after.xid), after_seq=after.seq, foreign=self.foreign
        )
        return after if found is None else Position(int(found["xid"]), found["seq"])


async def read_between(session: DbSession, after: Position, last: Position, rows: int) -> list[LoggedChange]:
    """So many changes of a part that is known to be settled, up to and with the last."""
    found = await session.fetch_rows(
        _READ_BETWEEN,
        after_xid=str(after.xid),
        after_seq=after.seq,
        last_xid=str(last.xid),
        last_seq=last.seq,
        rows=rows,
    )
    return [_logged(row) for row in found]


def _logged(row: _Row) -> LoggedChange:
    return LoggedChange(
        position=Position(int(row["xid"]), row["seq"]),
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        actor_id=row["actor_id"],
        actor_kind=row["actor_kind"],
        token_id=row["token_id"],
        request_id=row["request_id"],
        project_id=row["project_id"],
        subject_type=row["subject_type"],
        subject_id=row["subject_id"],
        subject_key=row["subject_key"],
        changes=from_json(row["changes"]),
        batch_id=row["batch_id"],
    )
