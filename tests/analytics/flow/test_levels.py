"""Burndown, burnup and cumulative flow: what there was at the end of each day."""

from typing import Any

import httpx
import pytest

from taskapi.analytics.phases import queries, service
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import MovingClock, moving_clock

WEB = "/api/v1/projects/WEB/analytics"
APP = "/api/v1/projects/APP/analytics"
NOTHING = {"backlog": 0, "unstarted": 0, "started": 0, "done": 0, "cancelled": 0}


@pytest.fixture
def clock(owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> MovingClock:
    return moving_clock(monkeypatch, "2026-03-02T09:00:00Z")


async def flow(client: httpx.AsyncClient, first: str, last: str, path: str = WEB, **asked: str) -> list[dict[str, Any]]:
    """What there was on each day, without the categories of which there was nothing."""
    found = await client.get(f"{path}/cumulative-flow", params={"from": first, "to": last, **asked})
    assert found.status_code == 200, found.text
    days: list[dict[str, Any]] = found.json()["items"]
    assert all(day.keys() == {"date", *NOTHING} for day in days)
    return [{name: count for name, count in day.items() if name != "date" and count} for day in days]


async def test_a_task_is_counted_where_it_was_at_the_end_of_each_day(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web, estimate=3)
    clock.set("2026-03-03T09:00:00Z")
    await owner.patch(f"/api/v1/tasks/{task['id']}", json={"status": "in_progress"})
    await owner.patch(f"/api/v1/tasks/{task['id']}", json={"estimate": 5})
    clock.set("2026-03-04T09:00:00Z")
    await owner.post(f"/api/v1/tasks/{task['id']}/complete")
    clock.set("2026-03-05T09:00:00Z")
    found = await owner.get(f"{WEB}/burndown", params={"from": "2026-03-01", "to": "2026-03-08"})
    fields = ("remaining", "remaining_estimate", "scope", "completed")
    # Of days to come nothing is known.
    assert found.json() == {
        "items": [
            {"date": f"2026-03-0{day}", **dict(zip(fields, figures, strict=True))}
            for day, figures in enumerate([(0, 0, 0, 0), (1, 3, 1, 0), (1, 5, 1, 0), (0, 0, 1, 1), (0, 0, 1, 1)], 1)
        ],
        "complete_since": None,
    }
    assert (await owner.get(f"{WEB}/burnup", params={"from": "2026-03-01"})).json() == found.json()
    assert await flow(owner, "2026-03-01", "2026-03-04") == [{}, {"unstarted": 1}, {"started": 1}, {"done": 1}]
    assert await flow(owner, "2026-03-06", "2026-03-08") == []


async def test_a_task_that_moved_is_counted_there_from_that_day_on_and_here_before(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, key="APP")
    task = await make.task(web, priority="high")
    clock.set("2026-03-03T09:00:00Z")
    await owner.post(f"/api/v1/tasks/{task['id']}/move", json={"project": "APP"})
    clock.set("2026-03-04T09:00:00Z")
    days = ("2026-03-02", "2026-03-04")
    assert await flow(owner, *days) == [{"unstarted": 1}, {}, {}]
    assert await flow(owner, *days, APP) == [{}, {"unstarted": 1}, {"unstarted": 1}]
    # What is not here now fits no filter here, and is looked at there for as long as it has been there.
    assert await flow(owner, *days, filter="priority:high") == [{}, {}, {}]
    assert await flow(owner, *days, APP, filter="priority:high") == [{}, {"unstarted": 1}, {"unstarted": 1}]
    assert await flow(owner, *days, APP, filter="priority:low") == [{}, {}, {}]


async def test_in_the_trash_a_task_counts_nowhere_and_a_purged_one_stays_in_the_days_before(
    clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task, gone = await make.task(web), await make.task(web, status="done")
    clock.set("2026-03-03T09:00:00Z")
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    await owner.delete(f"/api/v1/tasks/{gone['id']}?permanent=true")
    clock.set("2026-03-04T09:00:00Z")
    await owner.post(f"/api/v1/tasks/{task['id']}/restore")
    assert await flow(owner, "2026-03-02", "2026-03-04") == [{"unstarted": 1, "done": 1}, {}, {"unstarted": 1}]


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Europe/Berlin", "2026-03-28T22:59:59Z", "2026-03-28"),
        ("Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29"),
        # The day after this night has 23 hours.
        ("Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T22:00:00Z", "2026-03-30"),
        # The clocks skip midnight: this day begins at one.
        ("Africa/Cairo", "2026-04-23T21:59:59Z", "2026-04-23"),
        ("Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24"),
        ("America/New_York", "2026-03-09T03:59:59Z", "2026-03-08"),
    ],
)
async def test_days_end_where_the_next_one_begins_in_the_zone(
    zone: str, instant: str, day: str, clock: MovingClock, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    clock.set(instant)
    clock.pass_by(milliseconds=-1)
    task = await make.task(web)
    assert task["created_at"].startswith(instant[:-1])
    clock.pass_by(days=3)
    found = await owner.get(f"{WEB}/burnup", params={"from": "2026-03-01", "to": "2026-04-30", "tz": zone})
    assert next(one["date"] for one in found.json()["items"] if one["scope"]) == day


async def test_my_reports_are_about_what_is_mine_now_in_all_my_projects(
    clock: MovingClock, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    app = await make.project(web.owner, key="APP")
    for project in (web, app):
        await make.task(project, estimate=2, assignee_ids=[str(web.owner.id)])
        await make.task(project)
    stranger = await make.user()
    for person, tasks in ((web.owner, 2), (stranger, 0)):
        found = await client_for(person).get("/api/v1/analytics/me/burndown", params={"from": "2026-03-02"})
        (day,) = found.json()["items"]
        assert (day["remaining"], day["remaining_estimate"]) == (tasks, 2 * tasks)


async def test_where_too_much_has_still_to_be_read_a_report_asks_for_patience(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make.task(web)
    monkeypatch.setattr(queries, "MOST_UNREAD", 1)
    service.standing.cache_clear()
    assert (await owner.get(f"{WEB}/burndown")).status_code == 200
    await make.task(web)
    for report in ("burndown", "burnup", "cumulative-flow", "cycle-time"):
        refused = await owner.get(f"{WEB}/{report}")
        assert problem(refused) == (503, "reports_not_ready")
        assert refused.headers["Retry-After"] == "10"
    assert (await owner.get(f"{WEB}/lead-time")).status_code == 200
    monkeypatch.undo()
    service.standing.cache_clear()


async def test_a_report_says_from_when_on_everything_is_known(owner: httpx.AsyncClient, tables: Any) -> None:
    await tables.execute("INSERT INTO task_phases_floor (at) VALUES ('2026-01-01T00:00:00Z')")
    for report in ("burndown", "cumulative-flow", "cycle-time"):
        found = (await owner.get(f"{WEB}/{report}")).json()
        assert found["complete_since"] == "2026-01-01T00:00:00Z", report
    assert (await owner.get(f"{WEB}/lead-time")).json()["complete_since"] is None
