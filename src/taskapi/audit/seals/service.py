"""Checking that the change log is what was sealed: in batches, so that the memory it takes has a bound."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from taskapi.audit.seals import chain, queries
from taskapi.audit.seals.chain import Entry, Sealed
from taskapi.audit.seals.comparison import Name, Stretch, first_difference
from taskapi.audit.seals.queries import PlaceRow, SealRow
from taskapi.audit.seals.reactions import SEALER
from taskapi.core.change_log import tail
from taskapi.core.change_log.tail import BEGINNING, Position
from taskapi.core.db.database import Database
from taskapi.core.db.session import DbSession

_SEALS_AT_ONCE: Final = 20


@dataclass(slots=True)
class Report:
    """What a check has found."""

    seals: int = 0
    changes: int = 0
    unsealed: int = 0
    """Changes behind the last seal: a worker seals them."""
    head: bytes | None = None
    """The hash of the last seal. Whoever keeps it elsewhere can tell later that the chain still holds it."""
    head_number: int = 0
    begins_with: int = 1
    """The number of the first seal that was checked."""
    fault: str | None = None
    """The first difference; None: the log is what was sealed."""
    found_expected: bool = False


@dataclass(slots=True)
class _Check:
    session: DbSession
    report: Report
    expected: bytes | None
    has_floor: bool
    at: Position = BEGINNING
    """The last position that is checked."""

    async def floor(self) -> Position:
        """Asked for after the changes: what is deleted meanwhile is then below it."""
        row = await self.session.fetch_row(queries.FLOOR) if self.has_floor else None
        return BEGINNING if row is None else _position(row)


async def verify(
    database: Database,
    *,
    since: datetime | None = None,
    expected: bytes | None = None,
    progress: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Compare the log with its seals, from the first one after `since` on, up to the first difference.

    `expected`: a hash that was the chain's head once, and has to be in it.
    """
    report = Report()
    async with database.autocommit() as session:
        check = _Check(session, report, expected, await session.only_value(queries.HAS_FLOOR))
        first = await session.fetch_value(queries.FIRST_SINCE, since=since) if since else None
        if since is None or first is not None:
            rows = await session.fetch_rows(queries.NEXT, from_number=first or 0, most=_SEALS_AT_ONCE)
            await _begin(check, rows, is_cut=first is not None)
            while rows and report.fault is None:
                await _check_stretch(check, rows)
                progress(report)
                rows = await session.fetch_rows(queries.NEXT, from_number=rows[-1]["number"] + 1, most=_SEALS_AT_ONCE)
        await _end(check)
    return report


async def _begin(check: _Check, rows: list[SealRow], *, is_cut: bool) -> None:
    """Where the chain begins: at its beginning, or where what was before is kept no longer."""
    if not rows:
        return
    row = rows[0]
    number = check.report.begins_with = row["number"]
    check.report.head, check.report.head_number = row["previous"], number - 1
    floor = await check.floor()
    if is_cut:
        check.at = Position(int(row["first_xid"]), row["first_seq"] - 1)
    elif number > 1:
        if floor == BEGINNING:
            check.report.fault = f"the seals before seal {number} are gone"
        check.at = min(floor, Position(int(row["first_xid"]), row["first_seq"] - 1))
    elif row["previous"] != chain.GENESIS:
        check.report.fault = "seal 1 was altered"


async def _check_stretch(check: _Check, rows: list[SealRow]) -> None:
    seals: list[tuple[Sealed, list[Entry]]] = []
    for row in rows:
        found = _linked(check.report, row)
        if found is None:
            break
        seals.append(found)
        check.report.found_expected |= row["hash"] == check.expected
    if not seals:
        return
    # What differs before the seal that is altered comes first.
    fault, check.report.fault = check.report.fault, None
    check.report.fault = await _difference(check, seals) or fault
    if check.report.fault is None:
        check.at = seals[-1][0].last
        check.report.seals += len(seals)
        check.report.changes += sum(len(entries) for _, entries in seals)


def _linked(report: Report, row: SealRow) -> tuple[Sealed, list[Entry]] | None:
    """The seal, where it follows the one before; else the fault is in the report."""
    number = row["number"]
    sealed = Sealed(
        number=number,
        first=Position(int(row["first_xid"]), row["first_seq"]),
        last=Position(int(row["last_xid"]), row["last_seq"]),
        sealed_at=row["sealed_at"],
        entries=row["entries"],
        previous=row["previous"],
    )
    if number != report.head_number + 1:
        report.fault = f"seals {report.head_number + 1} to {number - 1} are gone"
        return None
    if sealed.hash != row["hash"] or row["previous"] != report.head:
        report.fault = f"seal {number} was altered"
        return None
    report.head, report.head_number = row["hash"], number
    return sealed, chain.read(row["entries"])


async def _difference(check: _Check, seals: list[tuple[Sealed, list[Entry]]]) -> str | None:
    ids = [entry.id for _, entries in seals for entry in entries]
    # The names first: one that is taken out of the log meanwhile is then a name without a change, and not reversed.
    names = {
        row["event_id"]: Name(row["salt"], row["digest"])
        for row in await check.session.fetch_rows(queries.NAMES, ids=ids)
    }
    # One more than there should be: it shows that one was slipped in.
    end = seals[-1][0].last
    changes = await tail.read_between(check.session, check.at, end, len(ids) + 1)
    nameless = [change.id for change in changes if change.id in names and chain.names_of(change) is None]
    not_deleted = await check.session.fetch_values(queries.NOT_DELETED, ids=nameless) if nameless else []
    return first_difference(Stretch(seals, changes, names, frozenset(not_deleted), await check.floor()))


async def _end(check: _Check) -> None:
    """What is behind the last seal, and whether the chain was cut there."""
    report = check.report
    # The reader first: it may seal more meanwhile.
    reader = await check.session.fetch_row(queries.READER, name=SEALER.name)
    head = await check.session.fetch_row(queries.HEAD)
    end = BEGINNING if head is None else Position(int(head["last_xid"]), head["last_seq"])
    report.unsealed = await check.session.only_value(queries.UNSEALED, after_xid=str(end.xid), after_seq=end.seq)
    if report.fault is not None:
        return
    if reader is not None and _position(reader) > max(end, await check.floor()):
        place = _position(reader)
        number = 0 if head is None else head["number"]
        report.fault = f"the seals after seal {number} are gone: the log was sealed up to {place.xid}/{place.seq}"
    elif check.expected is not None and not report.found_expected:
        report.fault = "no seal has the hash that was expected: the chain was made anew, or cut"


def _position(row: PlaceRow) -> Position:
    return Position(int(row["xid"]), row["seq"])


async def forget_old_seals(session: DbSession) -> None:
    """Where old changes are deleted, their seals go after them; the chain goes on from the first that is left."""
    if await session.only_value(queries.HAS_FLOOR):
        floor = await session.fetch_row(queries.FLOOR)
        if floor is not None:
            await session.run(queries.FORGET_SEALS, xid=floor["xid"], seq=floor["seq"])
            await session.run(queries.FORGET_NAMES)
