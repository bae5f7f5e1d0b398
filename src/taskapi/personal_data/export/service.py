"""A ZIP of NDJSON files, written while it is read: a page of rows in memory, and no connection between two pages."""

import io
import zipfile
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from taskapi.core.callers import Caller
from taskapi.core.db.database import Database
from taskapi.core.db.statements import Statement
from taskapi.personal_data.export import queries

_BEFORE_ALL: Final = UUID(int=0)


class _Outgoing(io.RawIOBase):
    """Keeps what zipfile writes until it is sent. It cannot seek, and so zipfile does not."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


async def archive(database: Database, caller: Caller) -> AsyncIterator[bytes]:
    """Chunks of the archive. One that breaks off has no directory at its end, and no program opens it as whole."""
    outgoing = _Outgoing()
    with zipfile.ZipFile(outgoing, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, statement in queries.PARTS.items():
            with writer.open(f"{name}.ndjson", "w", force_zip64=True) as file:
                async for rows in _pages(database, statement, caller.id):
                    file.write("".join(f"{row['body']}\n" for row in rows).encode())
                    yield outgoing.take()
    yield outgoing.take()


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
