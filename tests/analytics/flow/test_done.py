"""Cycle time, lead time and throughput: tasks that are done, how long they took, and how many there were."""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import MovingClock, moving_clock

WEB = "/api/v1/projects/WEB/analytics"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def clock(owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> MovingClock:
    return moving_clock(monkeypatch, "2026-03-02T08:00:00Z")


async def become(client: httpx.AsyncClient, task: dict[str, Any], status: str) -> str:
    answer = await client.patch(f"/api/v1/tasks/{task['id']}", json={"status": status})
    assert answer.status_code == 200
    completed_at: str = answer.json()["completed_at"]
    return completed_at


async def hours(client: httpx.AsyncClient, report: str) -> dict[str, int]:
    """By the key of each task, rounded: the clock of these tests goes on by milliseconds."""
    found = (await client.get(f"{WEB}/{report}", params=MARCH)).json()
    assert found["count"] == len(found["items"])
    return {item["key"]: round(item["hours"]) for item in found["items"]}


async def test_cycle_time_begins_with_the_first_start_and_lead_time_with_the_creation(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task, never_started, made_closed = await make.task(web), await make.task(web), await make.task(web, status="done")
    clock.pass_by(hours=5)
    await become(owner, task, "in_progress")
    clock.pass_by(hours=4)
    await become(owner, task, "todo")
    await become(owner, never_started, "done")
    clock.pass_by(hours=4)
    await become(owner, task, "in_progress")
    clock.pass_by(hours=2)
    completed_at = await become(owner, task, "done")
    # What happens to it afterwards does not move its completion.
    await owner.patch(f"/api/v1/tasks/{task['id']}", json={"estimate": 3, "title": "Done"})
    cycle = (await owner.get(f"{WEB}/cycle-time", params=MARCH)).json()
    (item,) = cycle["items"]
    assert {**item, "hours": round(item["hours"])} == {
        "task_id": task["id"],
        "key": task["key"],
        "completed_at": completed_at,
        "hours": 10,
    }
    assert await hours(owner, "lead-time") == {task["key"]: 15, never_started["key"]: 9, made_closed["key"]: 0}


async def test_percentiles_are_interpolated(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    tasks = [await make.task(web, status="in_progress") for _ in range(5)]
    for task in tasks:
        clock.pass_by(hours=10)
        await become(owner, task, "done")
    found = (await owner.get(f"{WEB}/cycle-time", params=MARCH)).json()
    figures = [found[name] for name in ("mean_hours", "p50_hours", "p85_hours", "p95_hours")]
    assert figures == pytest.approx([30, 30, 44, 48], abs=0.001)
    assert [item["key"] for item in found["items"]] == [task["key"] for task in reversed(tasks)]


async def test_a_task_counts_where_it_is_done_now_at_its_last_completion(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, key="APP")
    again, reopened, cancelled, thrown, moved = [await make.task(web, status="in_progress") for _ in range(5)]
    clock.pass_by(hours=24)
    for task in (again, reopened, cancelled, thrown, moved):
        await become(owner, task, "done")
    clock.pass_by(hours=24)
    await become(owner, again, "todo")
    await become(owner, reopened, "in_progress")
    await become(owner, cancelled, "cancelled")
    await owner.delete(f"/api/v1/tasks/{thrown['id']}")
    await owner.post(f"/api/v1/tasks/{moved['id']}/move", json={"project": "APP"})
    clock.pass_by(hours=24)
    await become(owner, again, "done")
    assert await hours(owner, "cycle-time") == {again["key"]: 72}
    assert await hours(owner, "lead-time") == {again["key"]: 72}
    counted = (await owner.get(f"{WEB}/throughput", params={"from": "2026-03-02", "to": "2026-03-06"})).json()["items"]
    assert [item["completed"] for item in counted] == [0, 0, 0, 1, 0]
    app = (await owner.get("/api/v1/projects/APP/analytics/cycle-time", params=MARCH)).json()
    assert [round(item["hours"]) for item in app["items"]] == [24]  # begun elsewhere, and done there


async def test_a_reopening_that_is_taken_back_leaves_the_completion_where_it_was(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web, status="in_progress")
    clock.pass_by(hours=24)
    await become(owner, task, "done")
    clock.pass_by(hours=24)
    await become(owner, task, "todo")
    assert await hours(owner, "cycle-time") == {}
    (change,) = (await owner.get(f"/api/v1/tasks/{task['id']}/history", params={"limit": 1})).json()["items"]
    assert (await owner.post(f"/api/v1/changes/{change['id']}/revert")).status_code == 200
    assert await hours(owner, "cycle-time") == {task["key"]: 24}


async def test_a_start_after_the_completion_does_not_count(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web)
    clock.pass_by(hours=1)
    await become(owner, task, "done")
    clock.pass_by(hours=1)
    await become(owner, task, "in_progress")
    (change,) = (await owner.get(f"/api/v1/tasks/{task['id']}/history", params={"limit": 1})).json()["items"]
    await owner.post(f"/api/v1/changes/{change['id']}/revert")
    assert await hours(owner, "cycle-time") == {}
    assert await hours(owner, "lead-time") == {task["key"]: 1}


@pytest.mark.parametrize(
    ("bucket", "wanted"),
    [
        ("day", [("2026-02-27", "2026-02-27"), ("2026-02-28", "2026-02-28"), ("2026-03-01", "2026-03-01")]),
        # ISO weeks begin on Monday, and the first and the last are cut where the days are.
        ("week", [("2026-02-27", "2026-03-01"), ("2026-03-02", "2026-03-08"), ("2026-03-09", "2026-03-10")]),
        ("month", [("2026-02-27", "2026-02-28"), ("2026-03-01", "2026-03-10")]),
    ],
)
async def test_every_bucket_is_there_with_its_days(
    bucket: str,
    wanted: list[tuple[str, str]],
    clock: MovingClock,
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
) -> None:
    await make.task(web, status="done")
    days = {"from": "2026-02-27", "to": "2026-03-10", "bucket": bucket}
    found = (await owner.get(f"{WEB}/throughput", params=days)).json()["items"]
    assert [(item["from"], item["to"]) for item in found][:3] == wanted
    assert {item["completed"] for item in found} == {0, 1}
    (holding,) = (item for item in found if item["completed"])
    assert holding["from"] <= "2026-03-02" <= holding["to"]


async def test_the_iso_year_and_not_the_calendar_year_tells_weeks_apart(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient
) -> None:
    days = {"from": "2025-12-25", "to": "2026-01-08", "bucket": "week"}
    found = (await owner.get(f"{WEB}/throughput", params=days)).json()["items"]
    assert [item["from"] for item in found] == ["2025-12-25", "2025-12-29", "2026-01-05"]


async def test_of_nothing_there_are_no_figures(clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient) -> None:
    for report in ("cycle-time", "lead-time"):
        found = (await owner.get(f"{WEB}/{report}")).json()
        assert found.pop("items") == []
        assert found.pop("count") == 0
        assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("report", "columns"),
    [
        ("burndown", ["date", "remaining", "remaining_estimate", "scope", "completed"]),
        ("burnup", ["date", "remaining", "remaining_estimate", "scope", "completed"]),
        ("cumulative-flow", ["date", "backlog", "unstarted", "started", "done", "cancelled"]),
        ("cycle-time", ["task_id", "key", "completed_at", "hours"]),
        ("lead-time", ["task_id", "key", "completed_at", "hours"]),
        ("throughput", ["from", "to", "completed"]),
    ],
)
async def test_each_comes_as_a_table_and_as_a_chart(
    report: str, columns: list[str], clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web, status="in_progress")
    clock.pass_by(hours=1)
    await become(owner, task, "done")
    days = {"from": "2026-03-01", "to": "2026-03-02"}
    made = (await owner.get(f"{WEB}/{report}", params=days)).json()["items"]
    table = list(csv.reader(io.StringIO((await owner.get(f"{WEB}/{report}", params={**days, "format": "csv"})).text)))
    assert table == [columns, *([str(item[column]) for column in columns] for item in made)]
    for asked in (days, {"from": "2026-03-20", "to": "2026-03-21"}):
        chart = await owner.get(f"{WEB}/{report}", params={**asked, "format": "svg"})
        assert chart.headers["content-type"] == "image/svg+xml"
        assert "</svg>" in chart.text
