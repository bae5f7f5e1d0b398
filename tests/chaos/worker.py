"""A worker to be killed: `python -m tests.chaos.worker <seconds of the heartbeat>`, on TASKAPI_DATABASE_URL."""

import asyncio
import random
import sys
from datetime import timedelta
from unittest.mock import patch

from taskapi import worker
from taskapi.core.db.database import unit_of_work
from taskapi.core.observing import logs
from taskapi.core.work import engine as job_engine
from taskapi.core.work.jobs import JobContext, job
from taskapi.settings import Settings

_LONGEST_PAUSE = 0.02


@job("chaos.write")
async def write(context: JobContext, *, number: int) -> None:
    """Its effect is a line in the ledger; it may be killed before, meanwhile and after."""
    await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE))
    async with unit_of_work(context.database) as session:
        if await context.once(session):
            driver = await session.open()
            await driver.execute("INSERT INTO ledger (number, job_id) VALUES ($1, $2)", number, context.job_id)
    await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE))


def main() -> None:
    settings = Settings()
    logs.configure(settings, sys.stderr)
    heartbeat = timedelta(seconds=float(sys.argv[1]))
    with patch.object(job_engine, "HEARTBEAT", heartbeat), patch.object(worker, "JOBS", (write,)):
        asyncio.run(worker.work(settings, []))


if __name__ == "__main__":
    main()
