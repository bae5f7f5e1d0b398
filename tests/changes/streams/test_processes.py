"""Streams of several API processes on one database: what one writes the others tell, whichever of them ends."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.adversity.serving import Service, serve
from tests.changes.streams.test_sockets import signed_in, talking
from tests.support.factory import Factory, MadeProject
from tests.support.following import now
from tests.support.listening import Listener, listening

pytestmark = pytest.mark.slow
FOR_LONG = {"TASKAPI_STREAM_SECONDS": "3600"}


def write(service: Service, team: MadeProject, title: str) -> None:
    headers = {"Authorization": f"Bearer {team.owner.access_token}"}
    made = httpx.post(f"{service.url}{team.tasks_path}", json={"title": title}, headers=headers, timeout=30)
    assert made.status_code == 201, made.text


def where(service: Service) -> str:
    return f"127.0.0.1:{service.port}"


async def titles(listener: Listener, count: int) -> list[str]:
    return [(await listener.next())["changes"]["title"][1] for _ in range(count)]


async def to_the_end(listener: Listener) -> None:
    while await listener.block():
        pass


async def test_what_one_writes_another_tells_and_a_stream_goes_on_over_its_end(
    live: Factory, database_url: str, tmp_path: Path
) -> None:
    team = await live.project(key="WEB")
    async with live.client(team.owner) as owner:
        cursor = await now(live, owner)
    folders = [tmp_path / name for name in ("one", "two", "again")]
    for folder in folders:
        folder.mkdir()
    with serve(database_url, folders[0], **FOR_LONG) as one:
        with serve(database_url, folders[1], **FOR_LONG) as two:
            async with (
                listening(where(two), team.owner, since=cursor) as listener,
                talking(where(two), f"?since={cursor}") as talk,
            ):
                await listener.connected()
                await signed_in(talk, token=team.owner.access_token)
                write(one, team, "Written by one")
                assert await titles(listener, 1) == ["Written by one"]
                assert await talk.title() == "Written by one"
                async with listening(where(one), team.owner, last_event_id=listener.id) as other:
                    await other.connected()
                    write(two, team, "Written by two")
                    assert await titles(other, 1) == ["Written by two"] == await titles(listener, 1)
                    assert await talk.title() == "Written by two"
                two.process.send_signal(signal.SIGTERM)
                assert (await listener.next())["code"] == "leaving"
                assert await listener.ended()
                assert await talk.closed() == 1012
                last = listener.id
        write(one, team, "While it was away")
        with serve(database_url, folders[2], **FOR_LONG) as again:
            async with listening(where(again), team.owner, last_event_id=last) as listener:
                assert await titles(listener, 1) == ["While it was away"]
                write(one, team, "Before it was killed")
                assert await titles(listener, 1) == ["Before it was killed"]
                again.process.kill()
                with pytest.raises(httpx.RemoteProtocolError):
                    await to_the_end(listener)
                last = listener.id
        write(one, team, "After it was killed")
        async with listening(where(one), team.owner, last_event_id=last) as listener:
            assert await titles(listener, 1) == ["After it was killed"]
