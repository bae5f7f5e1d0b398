"""GET /changes/stream: changes as they happen, and what happened since the cursor that one comes with."""

from collections.abc import AsyncIterator

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.support import databases
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject
from tests.support.following import now, settled
from tests.support.listening import Listener, listening, served


@pytest.fixture
async def team(live: Factory) -> MadeProject:
    return await live.project(key="WEB")


@pytest.fixture
async def address(live: Factory) -> AsyncIterator[str]:
    async with served(live.app) as where:
        yield where


async def titles(listener: Listener, count: int) -> list[str]:
    return [(await listener.next())["changes"]["title"][1] for _ in range(count)]


async def test_what_happens_is_told_as_it_happens(live: Factory, team: MadeProject, address: str) -> None:
    await settled(live)
    async with listening(address, team.owner) as listener:
        assert listener.response.headers["content-type"].startswith("text/event-stream")
        assert listener.response.headers["x-accel-buffering"] == "no"
        await listener.connected()
        assert 1_000 <= listener.retry <= 4_000
        assert listener.id
        for number in range(5):
            await live.task(team, f"Task {number}")
        assert await titles(listener, 5) == [f"Task {number}" for number in range(5)]


async def test_who_comes_again_misses_nothing_and_hears_nothing_twice(
    live: Factory, team: MadeProject, address: str
) -> None:
    async with live.client(team.owner) as owner:
        cursor = await now(live, owner)
    for number in range(3):
        await live.task(team, f"Before {number}")
    await settled(live)
    async with listening(address, team.owner, since=cursor) as listener:
        assert await titles(listener, 2) == ["Before 0", "Before 1"]
        last = listener.id
    async with listening(address, team.owner, since=cursor, last_event_id=last) as listener:
        assert await titles(listener, 1) == ["Before 2"]
        await live.task(team, "After")
        assert await titles(listener, 1) == ["After"]


async def test_a_ticket_opens_one_stream_once_in_the_place_of_a_token(
    live: Factory, team: MadeProject, address: str
) -> None:
    """An EventSource cannot send a header."""
    stream = f"http://{address}/api/v1/changes/stream"
    async with live.client(team.owner) as owner, httpx.AsyncClient() as browser:
        ticket = (await owner.post("/api/v1/ws/ticket")).json()["ticket"]
        async with browser.stream("GET", stream, params={"ticket": ticket}) as response:
            assert response.status_code == 200
            listener = Listener(response)
            await listener.connected()
            await live.task(team, "Told")
            assert await titles(listener, 1) == ["Told"]
        for used in (ticket, "nonsense", team.owner.access_token):
            assert problem(await browser.get(stream, params={"ticket": used})) == (401, "invalid_token")


async def test_whoever_is_put_out_is_told_at_once_and_hears_no_more(
    live: Factory, team: MadeProject, address: str
) -> None:
    bo, other = await live.member(team, ProjectRole.VIEWER), await live.project(team.owner, key="APP")
    await live.member(other, ProjectRole.VIEWER, bo)
    await settled(live)
    async with (
        listening(address, bo) as listener,
        listening(address, bo, project="WEB") as narrowed,
        live.client(team.owner) as owner,
    ):
        await listener.connected()
        await narrowed.connected()
        await live.task(team, "Seen")
        assert await titles(listener, 1) == await titles(narrowed, 1) == ["Seen"]
        await owner.delete(f"/api/v1/projects/WEB/members/{bo.id}")
        await live.task(team, "Not theirs")
        await live.task(other, "Theirs")
        assert (await listener.next())["kind"] == (await narrowed.next())["kind"] == "project.lost"
        assert await titles(listener, 1) == ["Theirs"]
        assert (await narrowed.next())["code"] == "project_lost"
        assert await narrowed.ended()


async def test_who_comes_into_a_project_hears_what_happens_there_though_both_are_read_at_once(
    live: Factory, team: MadeProject, address: str, database_url: str
) -> None:
    """Of projects that nobody listens to nothing is read: until that moment this was one of them."""
    bo, other = await live.member(team, ProjectRole.VIEWER), await live.project(team.owner, key="APP")
    await settled(live)
    connection = await databases.connect(database_url)
    async with listening(address, bo) as listener:
        await listener.connected()
        await live.task(team, "Heard")
        assert await titles(listener, 1) == ["Heard"]
        await live.task(other, "Nobody hears it")
        async with connection.transaction():
            await connection.execute("SELECT pg_current_xact_id()")  # holds up all that follows
            await live.task(other, "Before they came")
            await live.member(other, ProjectRole.VIEWER, bo)
            await live.task(other, "Theirs")
            await live.task(team, "Heard, too")
        assert (await listener.next())["kind"] == "project.gained"
        assert await titles(listener, 2) == ["Theirs", "Heard, too"]
        await live.task(other, "And on")
        assert await titles(listener, 1) == ["And on"]
    await connection.close()
