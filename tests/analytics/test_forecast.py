"""A forecast: dates by drawing days of the past, the same for the same seed, and none where nothing can be told."""

import math
from datetime import date, timedelta

import httpx
import pytest

from taskapi.analytics.forecast.simulation import simulate
from taskapi.core.clock import utc_now
from tests.support.factory import Factory, MadeProject

FORECAST = "/api/v1/projects/WEB/analytics/forecast"


def test_a_team_that_does_the_same_every_day_is_done_on_the_day_that_follows() -> None:
    outcome = simulate([2] * 30, remaining=7, runs=100, seed=1, horizon=3650)
    assert [outcome.by(share) for share in (0.5, 0.85, 0.95)] == [4, 4, 4]


def test_half_of_the_days_without_anything_take_about_twice_as_long_and_spread() -> None:
    """Drawing one of two days that do something, each with one chance in two: 50 tasks take 100 days on average."""
    outcome = simulate([0, 1] * 90, remaining=50, runs=4000, seed=1, horizon=3650)
    assert abs(sum(outcome.days) / len(outcome.days) - 100) < 5
    assert outcome.by(0.5) < outcome.by(0.85) < outcome.by(0.95)
    assert sum(days <= outcome.by(0.85) for days in outcome.days) >= 0.85 * len(outcome.days)


def test_a_team_that_seldom_does_something_is_not_taken_for_one_that_does_it_soon() -> None:
    """One task in 90 days: most weeks have nothing, and count. The next one takes 90 days, and not half of that."""
    outcome = simulate([*[0] * 40, 1, *[0] * 49], remaining=1, runs=4000, seed=1, horizon=3650)
    assert 85 < sum(outcome.days) / len(outcome.days) < 115
    assert outcome.by(0.85) > 150


def test_what_takes_longer_than_anybody_plans_has_no_date_and_its_cost_is_bounded() -> None:
    outcome = simulate([1, *[0] * 29], remaining=10_000, runs=100_000, seed=1, horizon=3650)
    assert outcome.by(0.5) == math.inf
    assert len(outcome.days) < 2000


async def test_a_forecast_says_by_when_and_what_it_assumes(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for _ in range(3):
        await make.task(web, status="done")
        await make.task(web)
    answer = await owner.get(FORECAST, params={"runs": 500, "seed": 7})
    found = answer.json()
    assert (found["remaining"], found["completed"], found["history_days"]) == (3, 3, 30)
    assert (found["runs"], found["seed"], found["reason"], len(found["assumptions"])) == (500, 7, None, 5)
    today = utc_now().date()
    dates = [date.fromisoformat(found[name]) for name in ("p50_on", "p85_on", "p95_on")]
    assert today + timedelta(days=1) <= dates[0] <= dates[1] <= dates[2]
    assert (await owner.get(FORECAST, params={"runs": 500, "seed": 7})).json() == found
    assert (await owner.get(FORECAST, params={"runs": 500, "seed": 8})).headers["etag"] != answer.headers["etag"]


async def test_without_history_there_is_no_date_and_without_tasks_it_is_today(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    today = str(utc_now().date())
    nothing = (await owner.get(FORECAST)).json()
    assert (nothing["remaining"], nothing["p50_on"], nothing["p95_on"], nothing["reason"]) == (0, today, today, None)
    await make.task(web)
    found = (await owner.get(FORECAST)).json()
    assert (found["remaining"], found["p50_on"], found["reason"], found["runs"]) == (1, None, "no_history", 0)
    for format_ in ("csv", "svg"):
        assert (await owner.get(FORECAST, params={"format": format_})).status_code == 200


@pytest.mark.parametrize("asked", [{"runs": 0}, {"runs": 100_001}, {"seed": -1}, {"seed": "x"}])
async def test_runs_and_seeds_have_bounds(owner: httpx.AsyncClient, asked: dict[str, int]) -> None:
    refused = await owner.get(FORECAST, params=asked)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/query/{next(iter(asked))}")
