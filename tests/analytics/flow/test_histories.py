"""Every report of flow says what an evaluator says that replays each fact, however far the log's reader has come."""

import asyncio
import random
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from taskapi.analytics.phases.reactions import READER
from taskapi.core.change_log import tail
from taskapi.core.change_log.readers import take_turn
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from tests.analytics.flow import naive
from tests.analytics.flow.random_life import RandomLife
from tests.support import databases
from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import moving_clock
from tests.support.readers import read_all

pytestmark = pytest.mark.slow

# In the first of these the clocks go forward on 29 March, at midnight in the second, and by half an hour in the third.
ZONES = ("Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe")
BEGINS, FIRST, LAST = "2026-02-20T08:00:00Z", date(2026, 3, 20), date(2026, 4, 25)
FILTERS = (None, "priority:high")
UNREAD = """
    SELECT events.kind FROM events, consumers
    WHERE consumers.name = 'task_phases' AND (events.xid, events.seq) > (consumers.xid, consumers.seq)
    ORDER BY events.xid, events.seq
"""


async def asked(client: httpx.AsyncClient, report: str, **more: str) -> Any:
    found = await client.get(f"/api/v1/{report}", params={"from": str(FIRST), "to": str(LAST), **more})
    assert found.status_code == 200, found.text
    return found.json()


async def require_all_reports(
    client: httpx.AsyncClient, connection: Any, project: MadeProject, zone: str, among: str | None, now: datetime
) -> None:
    told, days, where = await naive.facts(connection), naive.days(FIRST, LAST), ZoneInfo(zone)
    path = f"projects/{project.key}/analytics"
    more = {"tz": zone} if among is None else {"tz": zone, "filter": among}
    fitting = (
        None
        if among is None
        else {
            str(task["id"])
            for task in naive.tasks_before(told).values()
            if naive.counted(task, project.id) and task["priority"] == "high"
        }
    )
    begun = [day for day in days if day <= now.astimezone(where).date()]
    levels = naive.levels(told, project.id, begun, where, fitting)
    assert (await asked(client, f"{path}/cumulative-flow", **more))["items"] == [day["flow"] for day in levels]
    for report in ("burndown", "burnup"):
        found = (await asked(client, f"{path}/{report}", **more))["items"]
        assert found == [pytest.approx(day["burndown"]) for day in levels]
    done = naive.done(told, project.id, days, where, fitting)
    hours: dict[str, list[float | None]] = {
        "lead-time": [naive.hours_since_created(task) for task in done],
        "cycle-time": [naive.hours_since_started(told, task) for task in done],
    }
    for report, of_each in hours.items():
        found, wanted = await asked(client, f"{path}/{report}", **more), naive.durations(done, of_each)
        assert [item["key"] for item in found["items"]] == [item["key"] for item in wanted["items"]]
        assert [item["hours"] for item in found["items"]] == pytest.approx([item["hours"] for item in wanted["items"]])
        figures = ("count", "mean_hours", "p50_hours", "p85_hours", "p95_hours")
        assert {name: found[name] for name in figures} == pytest.approx({name: wanted[name] for name in figures})
    for bucket in ("day", "week", "month"):
        found = (await asked(client, f"{path}/throughput", bucket=bucket, **more))["items"]
        assert found == naive.throughput(done, days, where, bucket)


@pytest.mark.parametrize("seed", [1, 2])
async def test_reports_are_what_replaying_every_fact_comes_to(
    seed: int, live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_PATIENCE", -1)
    owner = await live.user("ana")
    projects = [await live.project(owner, key="WEB"), await live.project(owner, key="APP")]
    clock = moving_clock(monkeypatch, BEGINS)
    database, follower, chance = live.app.state.parts.database, Tail(), random.Random(seed)
    connection = await databases.connect(database_url)
    async with live.client(owner) as client:
        life = RandomLife(seed, client, live, projects, clock)
        await read_all(database, follower, READER)
        for _ in range(4):
            await life.go_on(40)
            # Some of it is read by the log's reader, the rest by the reports.
            await read_some(database, follower, chance.randint(3, 12))
            for project in projects:
                await require_all_reports(
                    client, connection, project, chance.choice(ZONES), chance.choice(FILTERS), clock.now
                )
        await require_the_same_phases_however_read(database, follower, connection, chance)
        clock.set("2026-04-27T00:00:00Z")
        for project in projects:
            for among in FILTERS:
                await require_all_reports(client, connection, project, ZONES[seed], among, clock.now)
    await connection.close()
    assert {"create", "status", "move", "restore", "undo", "change_category", "reopen"} <= life.done


async def test_a_reader_that_stops_while_a_task_is_on_its_way_to_another_project_counts_it_once(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_PATIENCE", -1)
    owner = await live.user("ana")
    projects = [await live.project(owner, key="WEB"), await live.project(owner, key="APP")]
    clock = moving_clock(monkeypatch, "2026-03-20T08:00:00Z")
    database, follower = live.app.state.parts.database, Tail()
    connection = await databases.connect(database_url)
    async with live.client(owner) as client:
        task = await live.task(projects[0], status="in_progress", estimate=2)
        await live.task(projects[0], status="done", parent_id=task["id"])
        await live.task(projects[0])
        await read_all(database, follower, READER)
        stops = []
        for key in ("APP", "WEB", "APP"):
            clock.pass_by(days=1)
            (await client.post(f"/api/v1/tasks/{task['id']}/move", json={"project": key})).raise_for_status()
            while True:
                for project in projects:
                    await require_all_reports(client, connection, project, ZONES[0], None, clock.now)
                unread = await connection.fetch(UNREAD)
                stops.append([row["kind"] for row in unread])
                if not unread:
                    break
                await read_some(database, follower, 1)
    # Two tasks leave, and then both arrive.
    halfway = ["task.moved", "task.moved"]
    assert [stop for stop in stops if stop == halfway] == [halfway] * 3
    await connection.close()


async def read_some(database: Database, follower: Tail, changes: int) -> None:
    """Transactions of other tests' databases may hold up the reader until it has asked whose they are."""
    async with asyncio.timeout(30):
        while not await take_turn(database, follower, READER, changes):
            async with database.autocommit() as session:
                await follower.settle(session)


async def require_the_same_phases_however_read(
    database: Database, follower: Tail, connection: Any, chance: random.Random
) -> None:
    """What was read in pieces beside reports is what one reads who begins anew, in whatever steps."""
    await read_all(database, follower, READER)
    phases = "SELECT * FROM task_phases ORDER BY task_id, seq"
    before = await connection.fetch(phases)
    # Once more, on top of what is there: it changes nothing.
    await connection.execute("UPDATE consumers SET xid = '0', seq = 0")
    await read_all(database, follower, READER)
    assert await connection.fetch(phases) == before
    await connection.execute("TRUNCATE task_phases")
    await connection.execute("UPDATE consumers SET xid = '0', seq = 0")
    while await take_turn(database, follower, READER, chance.randint(1, 40)):
        pass
    assert await connection.fetch(phases) == before
