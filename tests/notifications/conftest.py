"""A worker of the test's own: it reads what is settled, and sends what is due, when a test says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from taskapi import background
from taskapi.core.change_log.readers import behind, read_to_the_end, register
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from taskapi.core.work.jobs import JobContext, Mailer
from taskapi.notifications.reactions import READER
from taskapi.settings import Settings
from tests.support import sweeps
from tests.support.databases import connect
from tests.support.factory import Factory, Person

INBOX = "/api/v1/notifications"
PATIENCE = 30.0
_BEHIND = """
    SELECT EXISTS (
        SELECT FROM events JOIN consumers ON consumers.name = $1
        WHERE (events.xid, events.seq) > (consumers.xid, consumers.seq)
    )
"""
_WAITING = "SELECT id, entrypoint, payload FROM jobs.pgqueuer WHERE entrypoint = 'notifications.mail' ORDER BY id"


@dataclass
class Worker:
    make: Factory
    tables: Any
    tail: Tail = field(default_factory=Tail)
    sent: list[EmailMessage] = field(default_factory=list)
    fails: bool = False
    """Whether the mail server is away."""
    mailer: Mailer | None = None
    """Another one than the list above."""

    @property
    def database(self) -> Database:
        found: Database = self.make.app.state.parts.database
        return found

    async def read(self) -> None:
        """All that has been written, as soon as transactions of other tests on the same server let it settle."""
        async with asyncio.timeout(PATIENCE):
            while await self.tables.fetchval(_BEHIND, READER.name):
                await behind(self.database, self.tail, [READER])
                await read_to_the_end(self.database, self.tail, READER)

    async def sweep(self, name: str) -> None:
        await sweeps.sweep(self.make.app, name)

    async def send(self, message: EmailMessage) -> None:
        if self.fails:
            raise ConnectionRefusedError
        self.sent.append(message)

    async def wait_for_mails(self) -> None:
        """Lets the time pass that mails wait for."""
        await self.tables.execute("UPDATE notifications SET mail_at = now() WHERE mail_at IS NOT NULL")

    async def mails(self) -> list[EmailMessage]:
        """Those that go now."""
        before = len(self.sent)
        await self.sweep("notification_mails")
        await self.work_off()
        return self.sent[before:]

    async def work_off(self) -> None:
        known = {job.name: job for job in background.JOBS}
        for row in await self.tables.fetch(_WAITING):
            context = JobContext(self.database, Settings(), self.mailer or self, row["id"])
            await known[row["entrypoint"]].perform(context, row["payload"])
            await self.tables.execute("DELETE FROM jobs.pgqueuer WHERE id = $1", row["id"])

    async def proven(self, *people: Person) -> None:
        ids = [person.id for person in people]
        await self.tables.execute("UPDATE users SET email_verified = true WHERE id = ANY ($1::uuid[])", ids)

    async def prefer(self, person: Person, **kinds: str) -> None:
        chosen = json.dumps({kind: {"email": email} for kind, email in kinds.items()})
        await self.tables.execute(
            "INSERT INTO notification_preferences AS own (user_id, kinds) VALUES ($1, $2::text::jsonb)"
            " ON CONFLICT (user_id) DO UPDATE SET kinds = own.kinds || excluded.kinds",
            *(person.id, chosen),
        )


@pytest.fixture
async def worker(live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions
    tables = await connect(database_url)
    made = Worker(live, tables)
    await register(made.database, made.tail, [READER])
    yield made
    await tables.close()


async def told(client: httpx.AsyncClient, **params: Any) -> list[tuple[str, str]]:
    """Kind and title of what is in an inbox, the newest first."""
    found = await client.get(INBOX, params=params)
    assert found.status_code == 200, found.text
    return [(item["kind"], item["title"]) for item in found.json()["items"]]
