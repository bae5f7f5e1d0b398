"""Having a reader of the change log read all that is there, whatever other tests do on the same server."""

import asyncio
from typing import Final

from taskapi.core.change_log.readers import LogReader, read_to_the_end, register
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from taskapi.core.db.statements import One, prepare_text

_PATIENCE: Final = 30.0
_LEFT: Final = prepare_text(
    """
    SELECT EXISTS (
        SELECT FROM events JOIN consumers ON consumers.name = $name::text
        WHERE (events.xid, events.seq) > (consumers.xid, consumers.seq)
    )
    """,
    row=One[bool],
)


async def read_all(database: Database, tail: Tail, reader: LogReader) -> None:
    """Each change that is committed: a transaction of another test's database may hold some up for a moment.

    The test sets `taskapi.core.change_log.tail._PATIENCE` to -1, so that these are known for what they are.
    """
    await register(database, tail, [reader])
    async with asyncio.timeout(_PATIENCE):
        while True:
            await read_to_the_end(database, tail, reader)
            async with database.autocommit() as session:
                if not await session.only_value(_LEFT, name=reader.name):
                    return
                await tail.settle(session)
