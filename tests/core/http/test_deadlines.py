"""A request has an end: what takes too long is given up, and leaves nothing behind."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from taskapi.core.deadlines import Deadlines
from taskapi.core.errors import TookTooLong
from taskapi.core.http.route import router
from tests.support.answers import problem
from tests.support.databases import connect
from tests.support.factory import Factory

pytestmark = pytest.mark.slow

SECONDS = 1.5
SLOW_COMMIT = """
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON projects DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION dawdle();
"""


@pytest.fixture
def hurried(live: Factory) -> Factory:
    live.app.state.parts = dataclasses.replace(live.app.state.parts, deadlines=Deadlines(SECONDS))
    return live


def free_places(app: FastAPI) -> int:
    places: int = app.state.parts.database.queue.free
    return places


async def test_what_waits_too_long_is_given_up_and_nothing_is_stored(hurried: Factory, database_url: str) -> None:
    project = await hurried.project(await hurried.user(), key="WEB")
    await hurried.task(project, "Before")
    before = free_places(hurried.app)
    holder = await connect(database_url)
    async with hurried.client(project.owner) as client:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM tasks FOR UPDATE")
            refused = await client.patch("/api/v1/tasks/WEB-1", json={"title": "After"})
            assert problem(refused) == (503, "took_too_long")
            assert refused.headers["retry-after"] == "1"
        assert (await client.get("/api/v1/tasks/WEB-1")).json()["title"] == "Before"
        assert free_places(hurried.app) == before
        assert (await client.patch("/api/v1/tasks/WEB-1", json={"title": "After"})).status_code == 200
    idle = await holder.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    assert idle == 0
    await holder.close()


async def test_a_commit_that_takes_too_long_leaves_open_whether_it_is_stored(
    hurried: Factory, database_url: str
) -> None:
    owner = await hurried.user()
    holder = await connect(database_url)
    await holder.execute(SLOW_COMMIT)
    async with hurried.client(owner) as client:
        refused = await client.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})
        assert problem(refused) == (503, "outcome_unknown")
        assert free_places(hurried.app) == 10
    await holder.close()


async def test_what_is_streamed_may_take_as_long_as_somebody_reads(hurried: Factory) -> None:
    routes = router("/api/v1/streaming", "tasks")

    async def ticks() -> AsyncIterator[bytes]:
        for _ in range(6):
            await asyncio.sleep(SECONDS / 2)
            yield b"tick"

    @routes.get("")
    async def stream() -> StreamingResponse:
        return StreamingResponse(ticks())

    hurried.app.router.routes.extend(routes.routes)
    async with hurried.client() as client:
        answer = await client.get("/api/v1/streaming")
    assert answer.text == "tick" * 6


async def test_whoever_is_cancelled_by_others_is_not_told_of_a_deadline() -> None:
    deadlines = Deadlines(60)
    task = asyncio.create_task(deadlines.within(asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_each_of_many_has_a_deadline_of_its_own() -> None:
    deadlines = Deadlines(SECONDS)
    late = [asyncio.create_task(deadlines.within(asyncio.sleep(60))) for _ in range(100)]
    assert await deadlines.within(asyncio.sleep(0, "in time")) == "in time"
    told = await asyncio.gather(*late, return_exceptions=True)
    assert {type(error) for error in told} == {TookTooLong}
    assert await deadlines.within(asyncio.sleep(0, "in time")) == "in time"
