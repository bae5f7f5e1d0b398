"""What `taskapi doctor` finds of the change log: whether its last seal fits, and whether its readers keep up."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from taskapi.audit.seals import queries
from taskapi.audit.seals import service as seals
from taskapi.background import READERS
from taskapi.cli.finding import Finding
from taskapi.core.change_log.tail import FOREIGN, settled
from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database
from taskapi.settings import Settings

_LATE: Final = timedelta(minutes=5)
_START: Final = "start `taskapi worker`, and look into its log"
# A change of a transaction that still runs is nobody's to read yet.
_WAITING: Final = text(f"""
    SELECT consumers.name, (
        SELECT events.at FROM events
        WHERE (events.xid, events.seq) > (consumers.xid, consumers.seq)
            AND events.xid < {settled("CAST (:foreign AS text[])")}
        ORDER BY events.xid, events.seq LIMIT 1
    ) AS since
    FROM consumers ORDER BY consumers.name
""")  # noqa: S608 - of texts of ours
_OLDEST: Final = text("SELECT at FROM events ORDER BY xid, seq LIMIT 1")


async def of_readers(connection: AsyncConnection) -> Finding:
    """The first change that each has still to read, and how old that is."""
    foreign = list(await connection.scalars(text(FOREIGN)))
    found = await connection.execute(_WAITING, {"foreign": foreign})
    waiting: dict[str, datetime | None] = {row.name: row.since for row in found}
    known = {reader.name for reader in READERS}
    if missing := sorted(known - waiting.keys()):
        oldest = await connection.scalar(_OLDEST)
        waiting |= dict.fromkeys(missing, oldest)
    late = {name: since for name, since in waiting.items() if name in known and _is_late(since)}
    if late:
        said = ", ".join(f"{name} since {since:%Y-%m-%d %H:%M} UTC" for name, since in late.items() if since)
        return Finding("readers of the log", ok=False, detail=f"behind: {said}", remedy=_START)
    others = sorted(waiting.keys() - known)
    detail = f"{len(known)} of them, none more than {_LATE.seconds // 60} minutes behind"
    if others:
        detail += f"; {', '.join(others)}: of another version, let go where it reads nothing for a month"
    return Finding("readers of the log", ok=True, detail=detail)


def _is_late(since: datetime | None) -> bool:
    return since is not None and utc_now() - since > _LATE


async def of_seals(settings: Settings) -> Finding:
    """The last one alone, which is at most a thousand changes."""
    database = Database(settings.database)
    try:
        async with database.autocommit() as session:
            head = await session.fetch_row(queries.HEAD)
        if head is None:
            return Finding("audit seals", ok=True, detail="there are none yet: a worker makes them")
        report = await seals.verify(database, since=head["sealed_at"])
    finally:
        await database.dispose()
    if report.fault is not None:
        remedy = "`taskapi audit verify` looks at all of them; docs/audit.md says what it means"
        return Finding("audit seals", ok=False, detail=report.fault, remedy=remedy)
    told = f"the last one fits, number {report.head_number} of {head['sealed_at']:%Y-%m-%d %H:%M} UTC"
    return Finding("audit seals", ok=True, detail=f"{told}; {report.unsealed:,} changes are not sealed yet")
