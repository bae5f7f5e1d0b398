"""Cycles follow each other without overlapping, and what is left open in one goes on in another."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.answers import column, faults, pointers, problem, titles
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject
from tests.support.marks import WEB, cycle

CYCLES = f"{WEB}/cycles"
TASKS = f"{WEB}/tasks"
OVERLAP = (409, "cycle_overlap")
JANUARY = ("2027-01-04", "2027-01-15")


async def test_a_cycle_is_made_read_and_changed(owner: httpx.AsyncClient, tables: Any) -> None:
    first, last = JANUARY
    answer = await owner.post(CYCLES, json={"name": "Sprint 1", "starts_on": first, "ends_on": last})
    made = answer.json()
    assert answer.status_code == 201
    assert (made["starts_on"], made["ends_on"], made["progress"]) == (first, last, {"total": 0, "done": 0})
    path = answer.headers["location"]
    assert (await owner.get(path)).json() == made
    patched = await owner.patch(path, json={"ends_on": "2027-01-20"})
    assert patched.json() == {**made, "ends_on": "2027-01-20", "version": 2}
    assert (await entries(tables, made["id"]))[-1].changes == {"ends_on": [last, "2027-01-20"]}
    assert (await owner.delete(path)).status_code == 204
    assert await kinds(tables, made["id"]) == ["cycle.created", "cycle.updated", "cycle.deleted"]


async def test_a_new_one_counts_nothing_of_the_others(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    first = (await owner.post(CYCLES, json={"name": "1", "starts_on": "2027-01-04", "ends_on": "2027-01-15"})).json()
    await make.task(web, cycle_id=first["id"])
    second = await owner.post(CYCLES, json={"name": "2", "starts_on": "2027-01-18", "ends_on": "2027-01-29"})
    assert second.json()["progress"] == {"total": 0, "done": 0}


@pytest.mark.parametrize(
    ("days", "pointer"),
    [
        ({"starts_on": "2027-01-15", "ends_on": "2027-01-14"}, "/ends_on"),
        ({"starts_on": "2027-01-15"}, "/ends_on"),
        ({"starts_on": "2027-02-30", "ends_on": "2027-03-14"}, "/starts_on"),
    ],
)
async def test_what_is_wrong_is_pointed_at(owner: httpx.AsyncClient, days: dict[str, str], pointer: str) -> None:
    assert pointers(await owner.post(CYCLES, json={"name": "x", **days})) == [pointer]


async def test_no_day_is_in_two_of_them(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> None:
    one = await cycle(owner, *JANUARY)
    two = await cycle(owner, "2027-01-16", "2027-01-16")
    for first, last in (("2027-01-15", "2027-01-15"), ("2027-01-01", "2027-01-04"), ("2027-01-01", "2027-02-01")):
        refused = await owner.post(CYCLES, json={"name": "x", "starts_on": first, "ends_on": last})
        assert problem(refused) == OVERLAP
    assert problem(await owner.patch(f"{CYCLES}/{one}", json={"ends_on": "2027-01-16"})) == OVERLAP
    assert pointers(await owner.patch(f"{CYCLES}/{two}", json={"ends_on": "2027-01-15"})) == ["/ends_on"]
    assert (await owner.patch(f"{CYCLES}/{one}", json={"ends_on": "2027-01-14"})).status_code == 200
    await make.project(web.owner, "OPS")
    elsewhere = {"name": "x", "starts_on": "2027-01-05", "ends_on": "2027-01-06"}
    assert (await owner.post("/api/v1/projects/OPS/cycles", json=elsewhere)).status_code == 201


@pytest.mark.slow
async def test_of_many_at_once_one_gets_the_days(live: Factory) -> None:
    client = live.client((await live.project(key="WEB")).owner)
    days = {"starts_on": "2027-01-04", "ends_on": "2027-01-15"}
    answers = await asyncio.gather(*(client.post(CYCLES, json={"name": f"{n}", **days}) for n in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_they_are_listed_in_their_order(owner: httpx.AsyncClient) -> None:
    for name, day in (("b", "2027-02-01"), ("a", "2027-03-01"), ("c", "2027-01-01")):
        await cycle(owner, day, day, name)
    assert column(await owner.get(CYCLES), "name") == ["c", "b", "a"]
    assert column(await owner.get(f"{CYCLES}?sort=name&limit=1"), "name") == ["a"]


async def test_tasks_are_found_by_the_cycle_of_today(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    today = datetime.now(UTC).date()
    days = [(today + timedelta(days=offset)).isoformat() for offset in (-9, -3, -2, 2, 3, 9)]
    past, now, coming = [await cycle(owner, *days[n : n + 2]) for n in (0, 2, 4)]
    for title, cycle_id in (("past", past), ("now", now), ("coming", coming), ("none", None)):
        await make.task(web, title, cycle_id=cycle_id)
    for query, expected in (
        ("cycle=current", ["now"]),
        (f"cycle=current&cycle={past}", ["now", "past"]),
        (f"cycle=none&cycle={coming}", ["coming", "none"]),
        (f"cycle={uuid4()}", []),
    ):
        for path in (TASKS, "/api/v1/tasks"):
            assert sorted(titles(await owner.get(f"{path}?{query}"))) == expected
    link = (await owner.post(f"{WEB}/share-links", json={})).json()["token"]
    assert titles(await client.get(f"/api/v1/shared/{link}/tasks?cycle=current")) == ["now"]


async def test_tasks_name_one_of_their_own_project(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> None:
    mine = await cycle(owner, *JANUARY)
    assert faults(await owner.post(TASKS, json={"title": "A", "cycle_id": str(uuid4())})) == [
        ("/cycle_id", "unknown_cycle")
    ]
    await make.project(web.owner, "OPS")
    await make.task(web, cycle_id=mine)
    moved = await owner.post("/api/v1/tasks/WEB-1/move", json={"project": "OPS"})
    assert moved.json()["cycle_id"] is None
    assert faults(await owner.patch("/api/v1/tasks/OPS-1", json={"cycle_id": mine})) == [("/cycle_id", "unknown_cycle")]


async def test_one_that_is_deleted_comes_off_its_tasks(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    gone = await cycle(owner, *JANUARY)
    task = await make.task(web, cycle_id=gone)
    assert (await owner.delete(f"{CYCLES}/{gone}")).status_code == 204
    assert (await entries(tables, task["id"]))[-1].changes == {"cycle_id": [gone, None]}


async def test_open_tasks_roll_over_to_the_next_cycle_and_finished_ones_stay(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    far, over = await cycle(owner, "2027-03-01", "2027-03-02"), await cycle(owner, *JANUARY)
    following = await cycle(owner, "2027-02-01", "2027-02-02")
    for status in ("todo", "done", "in_progress", "cancelled", "backlog"):
        await make.task(web, status, status=status, cycle_id=over)
    await owner.delete("/api/v1/tasks/WEB-5")
    rolled = await owner.post(f"{CYCLES}/{over}/roll-over")
    assert (rolled.status_code, rolled.json()) == (200, {"to": following, "moved": 2})
    assert sorted(titles(await owner.get(f"{TASKS}?cycle={following}"))) == ["in_progress", "todo"]
    assert sorted(titles(await owner.get(f"{TASKS}?cycle={over}"))) == ["cancelled", "done"]
    told = (await entries(tables))[-2:]
    assert [(entry.kind, entry.changes) for entry in told] == [("task.updated", {"cycle_id": [over, following]})] * 2
    assert (await owner.post(f"{CYCLES}/{over}/roll-over", json={})).json()["moved"] == 0
    named = await owner.post(f"{CYCLES}/{following}/roll-over", json={"to": over})
    assert named.json() == {"to": over, "moved": 2}
    assert problem(await owner.post(f"{CYCLES}/{far}/roll-over")) == (409, "no_next_cycle")


async def test_tasks_roll_over_to_another_cycle_of_the_project_alone(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    over = await cycle(owner, *JANUARY)
    await make.project(web.owner, "OPS")
    days = {"name": "x", "starts_on": "2027-02-01", "ends_on": "2027-02-02"}
    foreign = (await owner.post("/api/v1/projects/OPS/cycles", json=days)).json()["id"]
    for wrong in (foreign, over, str(uuid4())):
        refused = await owner.post(f"{CYCLES}/{over}/roll-over", json={"to": wrong})
        assert faults(refused) == [("/to", "unknown_cycle")]
    assert problem(await owner.post(f"{CYCLES}/{foreign}/roll-over")) == (404, "not_found")
    assert pointers(await owner.post(f"{CYCLES}/{over}/roll-over", json={"too": over})) == ["/too"]
    await owner.patch(WEB, json={"archived": True})
    assert problem(await owner.post(f"{CYCLES}/{over}/roll-over")) == (409, "project_archived")
