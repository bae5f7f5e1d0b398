"""A project whose owner makes webhooks, a receiver, and what a worker does for them, step by step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from taskapi import background
from taskapi.core.change_log.readers import read_to_the_end, register
from taskapi.core.change_log.tail import Tail
from taskapi.core.work import errands
from taskapi.core.work.jobs import JobContext
from taskapi.webhooks.reactions import READER
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject
from tests.support.mailbox import Mailbox
from tests.support.receiver import Receiver, receiving

WEBHOOKS = "/api/v1/projects/WEB/webhooks"


@pytest.fixture(autouse=True)
def _reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any application of a test's own is made."""
    monkeypatch.setenv("TASKAPI_OUTBOUND_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions
    monkeypatch.setattr(errands, "_POLL", 0.02)


@dataclass
class Hooked:
    """The project WEB on a database of its own, with a real pool."""

    make: Factory
    project: MadeProject
    owner: httpx.AsyncClient
    tables: Any
    tail: Tail
    mailbox: Mailbox

    @property
    def context(self) -> JobContext:
        parts = self.make.app.state.parts
        return JobContext(parts.database, parts.settings, self.mailbox)

    async def webhook(self, receiver: Receiver, *events: str, **more: Any) -> dict[str, Any]:
        body = {"url": receiver.url, "events": list(events) or ["*"], **more}
        made = await self.owner.post(WEBHOOKS, json=body)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    async def task(self, title: str = "T") -> dict[str, Any]:
        return await self.make.task(self.project, title)

    async def read(self) -> None:
        """What has happened becomes deliveries."""
        async with self.context.database.autocommit() as session:
            await self.tail.settle(session)  # whose transactions of other databases there are
        await read_to_the_end(self.context.database, self.tail, READER)

    async def send(self) -> None:
        """All that is due is sent once."""
        await errands.run_to_the_end(self.context, background.ERRANDS)

    async def work(self) -> None:
        await self.read()
        await self.send()

    async def be_due(self) -> None:
        await self.tables.execute(
            "UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 s', taken_until = NULL"
            " WHERE status = 'pending'"
        )

    async def deliveries(self, webhook: dict[str, Any], **params: str) -> list[dict[str, Any]]:
        answer = await self.owner.get(f"{WEBHOOKS}/{webhook['id']}/deliveries", params=params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def get(self, webhook: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await self.owner.get(f"{WEBHOOKS}/{webhook['id']}")).json()
        return found

    async def ping(self, webhook: dict[str, Any]) -> dict[str, Any]:
        answer = await self.owner.post(f"{WEBHOOKS}/{webhook['id']}/ping")
        assert answer.status_code == 202, answer.text
        delivery: dict[str, Any] = answer.json()
        return delivery

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """One that sends until the end of the block."""
        stop = asyncio.Event()
        running = [asyncio.create_task(errands.run(self.context, errand, stop)) for errand in background.ERRANDS]
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(asyncio.gather(*running), 20)


@pytest.fixture
async def hooked(live: Factory, database_url: str) -> AsyncIterator[Hooked]:
    project = await live.project(key="WEB")
    tables = await connect(database_url)
    tail = Tail()
    await register(live.app.state.parts.database, tail, [READER])
    async with live.client(project.owner) as owner:
        yield Hooked(live, project, owner, tables, tail, Mailbox(live.app, tables))
    await tables.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made
