"""A ZIP of NDJSON files, written while it is read: a page of rows in memory, and no connection between two pages."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from taskapi.core.callers import Caller
from taskapi.core.db.database import Database
from taskapi.core.db.statements import Statement
from taskapi.core.http.archives import OutgoingZip
from taskapi.personal_data.export import queries

_BEFORE_ALL: Final = UUID(int=0)


async def archive(database: Database, caller: Caller) -> AsyncIterator[bytes]:
    outgoing = OutgoingZip()
    for name, statement in queries.PARTS.items():
        with outgoing.writer.open(f"{name}.ndjson", "w", force_zip64=True) as file:
            async for rows in _pages(database, statement, caller.id):
                file.write("".join(f"{row['body']}\n" for row in rows).encode())
                yield outgoing.take()
    yield outgoing.end()


async def _pages(
    database: Database, statement: Statement[queries.Line], user_id: UUID
) -> AsyncIterator[list[queries.Line]]:
    after = _BEFORE_ALL
    while True:
        async with database.autocommit() as session:
            rows = await session.fetch_rows(statement, user_id=user_id, after=after)
        if rows:
            yield rows
        if len(rows) < queries.PAGE:
            return
        after = rows[-1]["id"]
