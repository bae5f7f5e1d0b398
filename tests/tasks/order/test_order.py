"""The manual order holds whoever moves what at once, and no rank grows past its limit."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.tasks import ranking
from taskapi.tasks.order import service as order
from tests.support.answers import walk
from tests.support.change_log import entries
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"
_ADD = """
    INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at, updated_at)
    SELECT gen_random_uuid(), $1, n, 'Task', 'todo', 'unstarted', lpad(n::text, 10, '0'), $2, now(), now()
    FROM generate_series(1, $3::int) AS n
"""


async def fill(driver: Any, project: MadeProject, count: int) -> None:
    """A column of so many tasks, WEB-1 first."""
    await driver.execute(_ADD, project.id, project.owner.id, count)
    await driver.execute("UPDATE project_counters SET last_number = $2 WHERE project_id = $1", project.id, count)


async def move(client: httpx.AsyncClient, number: int, **body: Any) -> httpx.Response:
    return await client.post(f"/api/v1/tasks/WEB-{number}/move", json=body)


async def numbers(client: httpx.AsyncClient) -> list[int]:
    return [task["number"] for task in await walk(client, TASKS, limit=200)]


@given(st.integers(0, 300), st.integers(1, 10_000), st.integers(1, 500))
def test_ranks_that_are_spread_are_in_order_between_their_bounds_and_short(low: int, gap: int, count: int) -> None:
    bounds = ranking.of_number(low), ranking.of_number(low + gap)
    ranks = ranking.spread(*bounds, count)
    assert len(ranks) == count
    assert [bounds[0], *ranks, bounds[1]] == sorted({bounds[0], *ranks, bounds[1]})
    assert max(map(len, ranks)) <= ranking.WIDTH + 4
    assert not any(rank.endswith(ranking.DIGITS[0]) for rank in ranks)


async def test_many_moves_to_one_place_keep_ranks_short_and_the_order(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With limits that are reached soon. Each goes behind the first, so that the order is turned round."""
    monkeypatch.setattr(ranking, "LONGEST", 13)
    monkeypatch.setattr(ranking, "SHORT", 12)
    monkeypatch.setattr(order, "_FIRST_REACH", 2)
    await fill(tables, web, 40)
    expected = list(range(1, 41))
    for number in [*range(40, 1, -1), *range(2, 41)]:
        expected.remove(number)
        expected.insert(1, number)
        assert (await move(owner, number, after="WEB-1")).status_code == 200
    assert await numbers(owner) == expected
    ranks = [row["rank"] for row in await tables.fetch("SELECT rank FROM tasks")]
    assert len(set(ranks)) == 40
    assert max(map(len, ranks)) <= 13
    made = await owner.post(TASKS, json={"title": "New"})
    assert await numbers(owner) == [*expected, made.json()["number"]]


async def test_who_is_given_a_new_rank_to_make_room_is_told_and_nobody_else(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(tables, web, 6)
    crowded = {2: "0000000001" + "0" * 53 + "1", 3: "0000000001" + "0" * 53 + "2"}
    for number, rank in crowded.items():
        await tables.execute("UPDATE tasks SET rank = $1 WHERE number = $2", rank, number)
    await owner.delete("/api/v1/tasks/WEB-5")
    before = len(await entries(tables))
    assert (await move(owner, 6, after="WEB-2", before="WEB-3")).status_code == 200
    assert await numbers(owner) == [1, 2, 6, 3, 4]
    told = await entries(tables, after=before)
    assert {(entry.kind, *entry.changes) for entry in told} == {("task.moved", "rank")}
    assert len({entry.batch_id for entry in told}) == 1
    assert {entry.subject_key for entry in told} >= {"WEB-2", "WEB-3", "WEB-6"}
    await owner.post("/api/v1/tasks/WEB-5/restore")
    assert await numbers(owner) == [1, 2, 6, 3, 4, 5]
    ranks = [row["rank"] for row in await tables.fetch("SELECT rank FROM tasks")]
    assert max(map(len, ranks)) <= ranking.SHORT


@pytest.mark.slow
async def test_fifty_clients_reorder_a_column_of_five_hundred(live: Factory, database_url: str) -> None:
    """A valid permutation, and each move has touched its own row alone."""
    project = await live.project(key="WEB")
    driver = await connect(database_url)
    await fill(driver, project, 500)
    client = live.client(project.owner)

    async def one(number: int) -> None:
        for turn in range(3):
            moved, neighbour = number * 10 + turn + 1, (number * 7 + turn * 131) % 50 * 10 + 5
            body = {"after": f"WEB-{neighbour}"} if turn % 2 else {"before": f"WEB-{neighbour}"}
            assert (await move(client, moved, **body)).status_code == 200

    await asyncio.gather(*(one(number) for number in range(50)))
    assert sorted(await numbers(client)) == list(range(1, 501))
    assert await driver.fetchval("SELECT count(DISTINCT rank) FROM tasks") == 500
    rewritten = await driver.fetch("SELECT number FROM tasks WHERE version <> 1 ORDER BY number")
    assert [row["number"] for row in rewritten] == [n for n in range(1, 501) if n % 10 in {1, 2, 3}]
    assert await driver.fetchval("SELECT count(*) FROM tasks WHERE version = 2") == 150
    await driver.close()
    await client.aclose()
