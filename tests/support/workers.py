"""Workers of a test's own, in its process: the engine as it is, with the jobs that the test brings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from taskapi.core.db.database import unit_of_work
from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.work import engine as job_engine
from taskapi.core.work.jobs import Job, JobContext, Mailer
from tests.support.databases import connect, past_pooler
from tests.support.factory import Factory

_PATIENCE = 15.0


class Workshop:
    """A database with jobs in it."""

    def __init__(self, live: Factory, url: str, tables: Any, mailer: Mailer | None = None) -> None:
        self.database = live.app.state.parts.database
        self.context = JobContext(self.database, live.app.state.parts.settings, mailer or ConsoleMailer())
        self.url = past_pooler(url)
        self.tables = tables

    async def enqueue(self, job: Job[Any], *many: dict[str, Any]) -> None:
        async with unit_of_work(self.database) as session:
            for values in many or ({},):
                await job.enqueue(session, **values)

    async def work_off(self, *known: Job[Any]) -> None:
        """All that is due, by one worker."""
        running = job_engine.run(self.context, self.url, known, asyncio.Event(), drain=True)
        await asyncio.wait_for(running, _PATIENCE)

    @asynccontextmanager
    async def worker(self, *known: Job[Any]) -> AsyncIterator["asyncio.Task[None]"]:
        """One that works until the end of the block, and ends in peace."""
        stop = asyncio.Event()
        working = asyncio.create_task(job_engine.run(self.context, self.url, known, stop))
        try:
            yield working
        finally:
            stop.set()
            await asyncio.wait_for(asyncio.gather(working, return_exceptions=True), _PATIENCE)

    async def row(self) -> Any:
        """The one job there is, or None."""
        rows = await self.tables.fetch("SELECT * FROM jobs.pgqueuer")
        assert len(rows) <= 1
        return rows[0] if rows else None

    async def states(self) -> dict[str, int]:
        rows = await self.tables.fetch("SELECT status::text, count(*) FROM jobs.pgqueuer GROUP BY status")
        return {row["status"]: row["count"] for row in rows}

    async def be_due(self) -> None:
        await self.tables.execute("UPDATE jobs.pgqueuer SET execute_after = now() - interval '1 second'")

    async def error(self) -> str:
        """What went wrong the last time."""
        message: str = await self.tables.fetchval(
            "SELECT traceback ->> 'exception_message' FROM jobs.pgqueuer_log"
            " WHERE traceback IS NOT NULL ORDER BY id DESC LIMIT 1"
        )
        return message


@asynccontextmanager
async def workshop(live: Factory, url: str, mailer: Mailer | None = None) -> AsyncIterator[Workshop]:
    made = Workshop(live, url, await connect(url), mailer)
    try:
        yield made
    finally:
        await made.tables.close()  # after an outage another than at the beginning
