"""A client that keeps a copy of all that it may see by GET /changes alone, and one that listens and comes again."""

import asyncio
import random
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
from pydantic_core import from_json

from taskapi.changes.streams import service
from taskapi.changes.streams.hub import Hub
from taskapi.changes.streams.subscriptions import Subscription
from taskapi.changes.sync.schemas import ChangesWanted
from taskapi.core.callers import Caller
from tests.support.change_log import Entry, Fields, Fold, Subject
from tests.support.factory import Factory
from tests.support.following import CHANGES, now


class Copy:
    """Folds what it is told; a contradiction, a change that comes twice or one that is missed fails at once."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.fold = Fold()
        self.told: list[str] = []
        self.cursor = ""

    async def begin(self, live: Factory) -> None:
        self.cursor = await now(live, self.client)

    def things(self) -> dict[Subject, Fields]:
        """What there is, as the tables hold it: without what every write changes."""
        return {
            subject: {name: value for name, value in fields.items() if name not in {"id", "updated_at", "version"}}
            for subject, fields in self.fold.things.items()
        }

    async def catch_up(self) -> None:
        more = True
        while more:
            answer = await self.client.get(CHANGES, params={"since": self.cursor, "limit": random.choice((1, 7, 200))})
            if answer.status_code == 503:  # its connection was killed
                continue
            page = answer.json()
            for item in page["items"]:
                self.told.append(item["id"])
                self.fold.apply(_entry(item))
            self.cursor, more = page["next_cursor"], page["has_more"]


class Wanderer:
    """Listens for a moment, goes, and comes again with the cursor of the last that it took."""

    def __init__(self, hub: Hub, caller: Caller, cursor: str) -> None:
        self.hub, self.caller, self.cursor = hub, caller, cursor
        self.items: list[dict[str, Any]] = []
        self.visits = 0

    @property
    def told(self) -> list[str]:
        return [item["id"] for item in self.items]

    async def came(self, hub: Hub, listeners: int) -> None:
        """Until so many are live, and no more read pages."""
        async with asyncio.timeout(30):
            while sum(len(found) for found in hub._by_person.values()) < listeners:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def wander(self, done: asyncio.Event) -> None:
        while not done.is_set():
            await self.visit(random.uniform(0.01, 0.2))

    async def visit(self, seconds: float, until: int | None = None) -> None:
        """For so long, or until so many were told in all."""
        self.visits += 1
        with suppress(Exception):  # the connection was killed, or the time is up
            async with asyncio.timeout(seconds):
                subscription = await service.open_stream(self.hub, self.caller, ChangesWanted(since=self.cursor))
                try:
                    await self._listen(subscription, until)
                finally:
                    await self.hub.leave(subscription)

    async def _listen(self, subscription: Subscription, until: int | None) -> None:
        async for batch in service.batches(self.hub, subscription):
            self.items += [from_json(item.body) for item in batch.items]
            self.cursor = batch.cursor
            if until is not None and len(self.items) >= until:
                return


def _entry(item: dict[str, Any]) -> Entry:
    return Entry(
        kind=item["kind"],
        actor_id=item["actor_id"] and UUID(item["actor_id"]),
        project_id=item["project_id"] and UUID(item["project_id"]),
        subject_type=item["subject_type"],
        subject_id=UUID(item["subject_id"]),
        subject_key=item["subject_key"],
        request_id=None,
        batch_id=UUID(item["batch_id"]),
        changes=item["changes"],
    )
