"""Running an import, in whichever worker has room for one."""

from uuid import UUID

from taskapi.core.db.database import unit_of_work
from taskapi.core.storage.opening import storage_of
from taskapi.core.work.jobs import JobContext, JobPriority, job
from taskapi.imports.runs import service
from taskapi.imports.runs.storing import Shelf


@job("imports.run", priority=JobPriority.BULK)
async def run_import(context: JobContext, *, import_id: UUID) -> None:
    if service.has_room():
        shelf = Shelf(storage_of(context.settings), context.settings.storage)
        await service.run(context.database, shelf, import_id)
        return
    # A job has one of a few places for as long as it runs: imports shall not have them all.
    async with unit_of_work(context.database) as session:
        if await service.is_waiting(session, import_id):
            await run_import.enqueue_in(session, service.LATER, import_id=import_id)
