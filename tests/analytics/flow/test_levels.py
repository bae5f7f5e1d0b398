"""Burndown, burnup and cumulative flow: what there was at the end of each day."""

from typing import Any

import httpx
import pytest

from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import MovingClock, moving_clock

WEB = "/api/v1/projects/WEB/analytics"
NOTHING = {"backlog": 0, "unstarted": 0, "started": 0, "done": 0, "cancelled": 0}


@pytest.fixture
def clock(owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> MovingClock:
    return moving_clock(monkeypatch, "2026-03-02T09:00:00Z")


async def flow(client: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    found = await client.get(f"{WEB}/cumulative-flow", params=asked)
    assert found.status_code == 200, found.text
    items: list[dict[str, Any]] = found.json()["items"]
    return items


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
    assert found.json() == {
        "items": [
            {
                "date": f"2026-03-0{day}",
                "remaining": left,
                "remaining_estimate": work,
                "scope": scope,
                "completed": done,
            }
            for day, left, work, scope, done in (
                (1, 0, 0, 0, 0),
                (2, 1, 3, 1, 0),
                (3, 1, 5, 1, 0),
                (4, 0, 0, 1, 1),
                (5, 0, 0, 1, 1),
            )
        ],
        "complete_since": None,
    }
    days = await flow(owner, **{"from": "2026-03-02", "to": "2026-03-04"})
    assert days == [
        {"date": "2026-03-02", **NOTHING, "unstarted": 1},
        {"date": "2026-03-03", **NOTHING, "started": 1},
        {"date": "2026-03-04", **NOTHING, "done": 1},
    ]
