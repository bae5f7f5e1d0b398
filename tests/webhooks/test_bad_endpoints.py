"""What some receivers do to a worker is nothing to the others."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from taskapi.core.work.following import Following
from taskapi.settings import Settings
from taskapi.webhooks import addresses
from taskapi.webhooks.reactions import READER
from tests.support.receiver import Dripping, Receiver, receiving
from tests.webhooks.conftest import Hooked

_GOOD, _CHANGES = 40, 2
_AT_ONCE = 4
# What is wrong takes ten times as long as what is right may take on a slow machine.
_HELD_UP, _QUICK = 100.0, 10.0


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    async def way_out(settings: Settings, *_: float) -> object:
        return await asyncio.to_thread(addresses._way_out, settings, _HELD_UP)

    monkeypatch.setattr(addresses, "way_out", way_out)
    monkeypatch.setattr("taskapi.webhooks.service._MOST", 100)


@asynccontextmanager
async def reading(hooked: Hooked) -> AsyncIterator[None]:
    stop = asyncio.Event()
    following = asyncio.create_task(Following(hooked.context.database, [READER]).run(stop))
    try:
        yield
    finally:
        stop.set()
        await following


@pytest.mark.alone
async def test_one_that_hangs_one_that_drips_and_one_that_floods_keep_forty_others_waiting_for_nothing(
    hooked: Hooked, receiver: Receiver
) -> None:
    came: dict[str, list[float]] = {}
    committed: dict[str, float] = {}
    release = asyncio.Event()

    async def note() -> None:
        title: str = json.loads(receiver.came[-1].body)["data"]["changes"]["title"][1]
        came.setdefault(title, []).append(time.perf_counter())

    async def change(title: str) -> None:
        await hooked.task(title)
        committed[title] = time.perf_counter()

    receiver.before_answering = note
    drips = Dripping()
    async with receiving() as hanging, receiving() as flooding, receiving(drips):
        hanging.before_answering = release.wait
        flooding.says(200, body=b"x" * 64 * 1024 * 1024)
        for bad in (hanging, drips, flooding):
            await hooked.webhook(bad, "task.created", "label.created")
        for _ in range(_GOOD):
            await hooked.webhook(receiver, "task.created")
        async with hooked.worker(), reading(hooked):
            # Until the bad ones have all the places that they can get.
            for number in range(_AT_ONCE):
                label = {"name": f"Label {number}", "color": "#d73a4a"}
                (await hooked.owner.post("/api/v1/projects/WEB/labels", json=label)).raise_for_status()
            await hanging.has(_AT_ONCE)
            await drips.has(_AT_ONCE)
            for number in range(_CHANGES):
                await change(f"Task {number}")
            await receiver.has(_GOOD * _CHANGES)
            assert (hanging.now, drips.now) == (_AT_ONCE, _AT_ONCE), "they hold what they got at first"
            assert flooding.came
            release.set()
            drips.release.set()
    assert {title: len(times) for title, times in came.items()} == dict.fromkeys(committed, _GOOD)
    assert max(max(times) - committed[title] for title, times in came.items()) < _QUICK
