"""The sweep of stored files: what no attachment refers to goes, once no upload can still be about to."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from taskapi.core.clock import utc_now
from taskapi.core.storage.opening import storage_of
from taskapi.core.storage.storage import StoredObject
from taskapi.core.work.jobs import JobContext, JobPriority, job
from taskapi.tasks.attachments import queries

log = structlog.stdlib.get_logger("taskapi.files")

KEPT_AT_LEAST: Final = timedelta(hours=24)
"""Since it was written: an upload ends within an hour, and its row is written at once."""
_STEP: Final = 1000
_PREFIXES: Final = ("attachments", "previews", "probes")


@job("files.forget", priority=JobPriority.BULK, attempts=1)
async def forget_files(context: JobContext) -> None:
    """No transaction is open while the storage is asked, and none is needed: what nobody refers to, nobody will.

    Copies come from attachments that are held meanwhile, so that one of the two is always seen.
    """
    storage = storage_of(context.settings)
    latest = utc_now() - KEPT_AT_LEAST
    for prefix in _PREFIXES:
        async for step in _steps(found async for found in storage.list(prefix) if found.at < latest):
            strays = await _strays(context, step)
            if strays:
                await storage.delete(strays)
                log.info("files.forgotten", prefix=prefix, files=len(strays))


async def _strays(context: JobContext, found: Iterable[StoredObject]) -> list[str]:
    owners = {stored.key: _object_id(stored.key) for stored in found}
    async with context.database.autocommit() as session:
        wanted = [object_id for object_id in owners.values() if object_id is not None]
        known = set(await session.fetch_values(queries.REFERRED_TO, object_ids=wanted))
    return [key for key, object_id in owners.items() if object_id not in known]


def _object_id(key: str) -> UUID | None:
    """None: it is no whole file, such as what an upload left that was killed."""
    try:
        return UUID(key.partition("/")[2].partition("-")[0])
    except ValueError:
        return None


async def _steps(found: AsyncIterator[StoredObject]) -> AsyncIterator[list[StoredObject]]:
    step: list[StoredObject] = []
    async for stored in found:
        step.append(stored)
        if len(step) == _STEP:
            yield step
            step = []
    if step:
        yield step
