"""Who does not read what a stream sends: a real socket that is full, what waits behind it, and how it goes on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from taskapi.changes.streams.hub import Hub
from taskapi.core.change_log.publish import Fact, creation, publish
from taskapi.core.db.database import unit_of_work
from taskapi.core.ids import new_id
from tests.support.factory import Factory, MadeProject
from tests.support.following import now
from tests.support.listening import SECONDS, Listener, listening, served

pytestmark = pytest.mark.slow
# Linux takes twice as much; the server holds 64 KB before it waits, and each event has three.
_KERNEL = 4096
_TEXT = "x" * 3000
_AT_ONCE = 50
_MOST = 2000


@pytest.fixture
async def address(live: Factory) -> AsyncIterator[str]:
    async with served(live.app, held_by_the_kernel=_KERNEL) as where:
        yield where


async def write(live: Factory, team: MadeProject, first: int) -> None:
    """As many facts in one transaction, each with its number."""
    facts = [
        Fact("label.created", "label", new_id(), creation({"name": str(number), "text": _TEXT}), team.id)
        for number in range(first, first + _AT_ONCE)
    ]
    async with unit_of_work(live.app.state.parts.database) as session:
        await publish(session, None, *facts)


async def number(listener: Listener) -> int | None:
    """Of the next event; None: it was the last."""
    told = await listener.next()
    if told["event"] == "end":
        assert told["code"] == "too_slow"
        return None
    return int(told["changes"]["name"][1])


async def test_a_reader_that_stops_is_dropped_with_256_waiting_and_goes_on_without_a_gap(
    live: Factory, address: str
) -> None:
    team = await live.project()
    hub: Hub = live.app.state.hub
    async with live.client(team.owner) as owner:
        cursor = await now(live, owner)
    heard: list[int] = []
    async with (
        listening(address, team.owner, since=cursor) as quick,
        listening(address, team.owner, since=cursor, held_by_the_kernel=_KERNEL) as slow,
    ):
        await quick.connected()
        async with asyncio.timeout(SECONDS):
            while len(hub._by_project[team.id]) < 2:  # noqa: ASYNC110 - nobody is told of it
                await asyncio.sleep(0.01)
        written = 0
        while not any(one.ending for one in hub._subscriptions):
            assert written < _MOST, "it waits for whoever does not read"
            await write(live, team, written)
            written += _AT_ONCE
            heard += [found for _ in range(_AT_ONCE) if (found := await number(quick)) is not None]
        assert heard == list(range(written))
        # It reads what was on its way, is told why it ends there, and comes again.
        read: list[int] = []
        while (found := await number(slow)) is not None:
            read.append(found)
        assert 0 < len(read) <= written - 256
        assert await slow.ended()
    async with listening(address, team.owner, last_event_id=slow.id) as again:
        while len(read) < written:
            found = await number(again)
            assert found is not None
            read.append(found)
    assert read == list(range(written))
