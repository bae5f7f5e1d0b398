"""Administrators see what waits and what failed for good, try it again, or discard it."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.db.database import unit_of_work
from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.work import engine as job_engine
from taskapi.core.work.jobs import JobContext, job
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem, walk
from tests.support.change_log import entries
from tests.support.factory import Factory

JOBS = "/api/v1/admin/jobs"
_ENQUEUE = (
    "INSERT INTO jobs.pgqueuer (priority, status, entrypoint, payload, created)"
    " VALUES (10, $1::jobs.pgqueuer_status, 'tests.job', $2, now() + $3 * interval '1 second') RETURNING id"
)


@pytest.fixture
async def admin(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(await make.user("root", admin=True))


@pytest.fixture
async def three(tables: Any) -> dict[str, int]:
    """One job in each state, the failed one the newest; its id by its state."""
    states = {"queued": "queued", "picked": "running", "failed": "failed"}
    return {
        shown: await tables.fetchval(_ENQUEUE, stored, json.dumps({"number": place}).encode(), place)
        for place, (stored, shown) in enumerate(states.items())
    }


async def test_the_newest_come_first_with_what_they_are_about(admin: httpx.AsyncClient, three: dict[str, int]) -> None:
    found = await admin.get(JOBS)
    assert column(found, "state") == ["failed", "running", "queued"]
    newest = found.json()["items"][0]
    assert (newest["id"], newest["name"], newest["arguments"]) == (three["failed"], "tests.job", {"number": 2})
    assert newest["error"] is None


@pytest.mark.parametrize("state", ["queued", "running", "failed"])
async def test_they_are_listed_by_state(state: str, admin: httpx.AsyncClient, three: dict[str, int]) -> None:
    found = await admin.get(JOBS, params={"state": state, "include": "total"})
    assert (column(found, "id"), found.json()["total"]) == ([three[state]], 1)


async def test_an_unknown_state_is_a_mistake(admin: httpx.AsyncClient) -> None:
    assert faults(await admin.get(JOBS, params={"state": "lost"})) == [("/query/state", "enum")]


async def test_they_are_walked_page_by_page(admin: httpx.AsyncClient, tables: Any) -> None:
    ids = [await tables.fetchval(_ENQUEUE, "failed", b"{}", number // 2) for number in range(7)]
    walked = await walk(admin, JOBS, limit=2, state="failed")
    assert [found["id"] for found in walked] == ids[::-1]


async def test_one_is_read_alone_and_seen_to_in_the_only_version_it_has(
    admin: httpx.AsyncClient, three: dict[str, int]
) -> None:
    path = f"{JOBS}/{three['failed']}"
    read = await admin.get(path)
    assert read.json() in (await admin.get(JOBS)).json()["items"]
    for stale in (
        await admin.post(f"{path}/retry", headers={"If-Match": '"77"'}),
        await admin.delete(path, headers={"If-Match": '"77"'}),
    ):
        assert problem(stale) == (412, "precondition_failed")
        assert stale.json()["current"] == read.json()
    retried = await admin.post(f"{path}/retry", headers={"If-Match": read.headers["etag"]})
    assert retried.headers["etag"] == (await admin.get(path)).headers["etag"] != read.headers["etag"]


async def test_only_a_failed_job_is_tried_again(admin: httpx.AsyncClient, three: dict[str, int], tables: Any) -> None:
    await tables.execute("UPDATE jobs.pgqueuer SET attempts = 9")
    for state in ("queued", "running"):
        assert problem(await admin.post(f"{JOBS}/{three[state]}/retry")) == (409, "job_not_failed")
    retried = await admin.post(f"{JOBS}/{three['failed']}/retry")
    assert retried.status_code == 200
    assert (retried.json()["state"], retried.json()["attempts"]) == ("queued", 0)
    assert problem(await admin.post(f"{JOBS}/{three['failed']}/retry")) == (409, "job_not_failed")
    fact = (await entries(tables))[-1]
    assert (fact.kind, fact.subject_key) == ("job.retried", f"tests.job {three['failed']}")
    assert fact.changes == {"state": ["failed", "queued"]}


async def test_what_waits_or_has_failed_is_discarded(
    admin: httpx.AsyncClient, three: dict[str, int], tables: Any
) -> None:
    assert problem(await admin.delete(f"{JOBS}/{three['running']}")) == (409, "job_running")
    for state in ("queued", "failed"):
        assert (await admin.delete(f"{JOBS}/{three[state]}")).status_code == 204
        assert problem(await admin.delete(f"{JOBS}/{three[state]}")) == (404, "not_found")
    assert column(await admin.get(JOBS), "state") == ["running"]
    told = [entry.changes for entry in await entries(tables) if entry.kind == "job.discarded"]
    assert told == [{"state": ["queued", None]}, {"state": ["failed", None]}]


async def test_nobody_else_sees_them(
    client: httpx.AsyncClient, make: Factory, client_for: ClientFor, three: dict[str, int]
) -> None:
    ana = client_for(await make.user())
    for job_id in (three["failed"], 2**62):
        assert problem(await ana.post(f"{JOBS}/{job_id}/retry")) == (403, "forbidden")
        assert problem(await ana.delete(f"{JOBS}/{job_id}")) == (403, "forbidden")
        assert problem(await ana.get(f"{JOBS}/{job_id}")) == (403, "forbidden")
    refused = await ana.get(JOBS)
    assert problem(refused) == (403, "forbidden")
    assert "job:manage" in refused.json()["detail"]
    assert problem(await client.get(JOBS)) == (401, "unauthorized")


@pytest.mark.parametrize("job_id", ["0", "-1", "x", str(2**63)])
async def test_what_is_no_id_is_a_mistake(job_id: str, admin: httpx.AsyncClient) -> None:
    assert problem(await admin.delete(f"{JOBS}/{job_id}")) == (422, "validation_error")


class Repairable:
    """Fails until somebody has repaired it."""

    def __init__(self) -> None:
        self.broken = True
        self.done: list[str] = []


async def test_a_job_that_failed_for_good_works_once_it_is_repaired_and_tried_again(
    live: Factory, database_url: str
) -> None:
    thing = Repairable()

    @job("tests.repairable", attempts=1)
    async def repairable(context: JobContext, *, name: str) -> None:
        if thing.broken:
            raise RuntimeError(f"{name} is broken")
        thing.done.append(name)

    async def work() -> None:
        app: FastAPI = live.app
        context = JobContext(app.state.parts.database, app.state.parts.settings, ConsoleMailer())
        await job_engine.run(context, database_url, [repairable], asyncio.Event(), drain=True)

    async with unit_of_work(live.app.state.parts.database) as session:
        await repairable.enqueue(session, name="it")
    await work()
    async with live.client(await live.user(admin=True)) as admin:
        [failed] = (await admin.get(JOBS, params={"state": "failed"})).json()["items"]
        assert (failed["name"], failed["arguments"]) == ("tests.repairable", {"name": "it"})
        assert failed["error"] == "RuntimeError: it is broken"
        thing.broken = False
        assert (await admin.post(f"{JOBS}/{failed['id']}/retry")).status_code == 200
        await work()
        assert (await admin.get(JOBS)).json()["items"] == []
    assert thing.done == ["it"]


async def test_a_job_that_killed_its_workers_gets_a_new_life(admin: httpx.AsyncClient, tables: Any) -> None:
    killer = await tables.fetchval(_ENQUEUE, "failed", b"{}", 0)
    await tables.execute(
        "INSERT INTO jobs.pgqueuer_log (job_id, status, priority, entrypoint)"
        " SELECT $1, status::jobs.pgqueuer_status, 10, 'tests.job'"
        " FROM unnest(array['queued', 'picked', 'picked', 'picked', 'failed']) AS status",
        killer,
    )
    await admin.post(f"{JOBS}/{killer}/retry")
    left = await tables.fetch("SELECT status::text FROM jobs.pgqueuer_log WHERE job_id = $1 ORDER BY id", killer)
    assert [row["status"] for row in left] == ["queued", "failed"]
