"""A report's ETag: the same as long as the report is, known before it is made, and kept where there is a Redis."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from taskapi.core import cache as cache_module
from taskapi.core.cache import Cache
from taskapi.core.db.database import unit_of_work
from taskapi.models import ProjectRole
from taskapi.tasks import service as tasks
from taskapi.tasks.schemas import TaskUpdate
from tests.conftest import ClientFor
from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import moving_clock
from tests.support.redis import RedisServer
from tests.support.statements import Counting

WEB = "/api/v1/projects/WEB/analytics"
SUMMARY, MINE = f"{WEB}/summary", "/api/v1/analytics/me"


def known(answer: httpx.Response) -> dict[str, str]:
    return {"If-None-Match": answer.headers["etag"]}


@pytest.mark.parametrize("address", [SUMMARY, f"{WEB}/workload?format=svg", MINE])
async def test_a_repeat_costs_one_statement_and_no_body(
    owner: httpx.AsyncClient, count_statements: Counting, address: str
) -> None:
    first = await owner.get(address)
    async with count_statements() as seen:
        again = await owner.get(address, headers=known(first))
    assert (again.status_code, again.headers["etag"], again.content) == (304, first.headers["etag"], b"")
    assert len(seen) == 1


async def test_whatever_changes_a_report_changes_its_tag(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    ana = await make.member(web, ProjectRole.EDITOR)
    task = f"/api/v1/tasks/{(await make.task(web, assignee_ids=[str(ana.id)]))['key']}"
    there = await make.project(web.owner)
    last = await owner.get(f"{WEB}/workload")
    for change in (
        owner.post(f"{task}/time-entries", json={"started_at": "2026-11-20T09:00:00Z", "seconds": 60}),
        owner.patch(f"/api/v1/projects/WEB/members/{ana.id}", json={"weekly_capacity": 20}),
        owner.patch("/api/v1/projects/WEB", json={"estimate_unit": "minutes"}),
        owner.post(f"{task}/move", json={"project": there.key}),
    ):
        assert (await change).is_success
        found = await owner.get(f"{WEB}/workload", headers=known(last))
        assert found.status_code == 200
        last = found
    assert last.json()["unit"] == "minutes"
    assert (await owner.get(f"{WEB}/workload?tz=Asia/Tokyo", headers=known(last))).status_code == 200


async def test_what_comes_to_be_late_or_another_day_is_seen_without_a_change(
    make: Factory, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await make.user()
    project = await make.project(person, key="WEB")
    clock = moving_clock(monkeypatch, "2026-11-20T12:00:00Z")
    await make.task(project, due_at="2026-11-20T13:00:00Z", assignee_ids=[str(person.id)])
    client = client_for(person)
    for address in (SUMMARY, MINE):
        clock.set("2026-11-20T12:30:00Z")
        before = await client.get(address)
        clock.pass_by(minutes=20)
        assert (await client.get(address, headers=known(before))).status_code == 304
        clock.pass_by(minutes=20)
        late = await client.get(address, headers=known(before))
        assert (before.json()["overdue"], late.status_code, late.json()["overdue"]) == (0, 200, 1)
        clock.pass_by(hours=23)
        assert (await client.get(address, headers=known(late))).status_code == 200


async def test_a_change_that_began_sooner_and_is_stored_later_is_seen(live: Factory) -> None:
    owner = await live.user()
    project = await live.project(owner, key="WEB")
    slow, quick = await live.task(project), await live.task(project)
    async with live.client(owner) as client:
        async with unit_of_work(live.app.state.parts.database) as session:
            await tasks.update_task(session, owner.caller, slow["id"], TaskUpdate(status="done"), None)
            await client.patch(f"/api/v1/tasks/{quick['id']}", json={"title": "Quick"})
            between = [await client.get(address) for address in (SUMMARY, MINE)]
        for answer in between:
            assert (await client.get(str(answer.url), headers=known(answer))).status_code == 200
        assert (between[0].json()["completed"], (await client.get(SUMMARY)).json()["completed"]) == (0, 1)


async def test_who_may_not_read_a_project_is_not_told_that_nothing_changed(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    answer = await owner.get(SUMMARY)
    stranger = client_for(await make.user())
    assert (await stranger.get(SUMMARY, headers=known(answer))).status_code == 404


@pytest.fixture
def redis_server() -> Any:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def cached(live: Factory, redis_server: RedisServer) -> AsyncIterator[Factory]:
    parts = live.app.state.parts
    object.__setattr__(parts, "cache", Cache(redis_server.url))
    yield live
    await parts.cache.close()


@pytest.mark.slow
async def test_what_one_member_was_answered_another_is_and_nothing_is_stale(
    cached: Factory, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "_PATIENCE_SECONDS", 30)
    owner = await cached.user()
    project = await cached.project(owner, key="WEB")
    ana = await cached.member(project, ProjectRole.VIEWER)
    await cached.task(project, assignee_ids=[str(ana.id)])
    made = []

    async def put(key: str, value: bytes) -> None:
        made.append(key)
        await Cache.put(cache, key, value)

    cache = cached.app.state.parts.cache
    monkeypatch.setattr(cache, "put", put)
    address = f"{WEB}/workload"
    async with cached.client(owner) as mine, cached.client(ana) as hers, cached.client(await cached.user()) as other:
        first = await mine.get(address)
        assert (await hers.get(address)).content == first.content
        assert len(made) == 1
        assert (await other.get(address)).status_code == 404
        # What depends on who asks is kept for each of them.
        asked = {"filter": "assignee:me"}
        assert [len((await one.get(address, params=asked)).json()["items"]) for one in (mine, hers)] == [0, 1]
        assert (await mine.get(MINE)).json()["open"] == 0
        assert (await hers.get(MINE)).json()["open"] == 1
        await cached.task(project)
        assert sum(one["open"] for one in (await hers.get(address)).json()["items"]) == 2
        redis_server.stop()
        await cached.task(project)
        for _ in range(2):
            assert sum(one["open"] for one in (await hers.get(address)).json()["items"]) == 3
