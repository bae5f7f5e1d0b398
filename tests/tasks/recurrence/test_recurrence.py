"""A task with a rule comes again when it is done: once, whoever completes it, however often and by whichever route."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

WEB_1, WEB_2 = "/api/v1/tasks/WEB-1", "/api/v1/tasks/WEB-2"
RULE = f"{WEB_1}/recurrence"
TASKS = "/api/v1/projects/WEB/tasks"
DAILY = {"rule": "FREQ=DAILY", "mode": "schedule"}


async def recurring(make: Factory, web: MadeProject, owner: httpx.AsyncClient, **rule: Any) -> dict[str, Any]:
    fields = {"due_on": "2026-12-01", **rule.pop("fields", {})}
    await make.task(web, "Water the plants", **fields)
    answer = await owner.put(RULE, json={**DAILY, **rule})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_rule_is_set_and_told_as_the_tasks(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await owner.patch("/api/v1/users/me", json={"timezone": "Europe/Vienna"})
    task = await recurring(
        make, web, owner, rule="freq=weekly;byday=tu", exdates=["2026-12-08", "2026-12-15T09:00:00Z"]
    )
    assert task["recurrence"] == {
        "rule": "FREQ=WEEKLY;BYDAY=TU",
        "mode": "schedule",
        "exdates": ["2026-12-08", "2026-12-15T09:00:00.000000Z"],
        "timezone": "Europe/Vienna",
        "occurrence": 1,
        "time_of_day": None,
    }
    assert (await owner.get(WEB_1)).json() == task
    assert (await entries(tables, task["id"]))[-1].changes == {"recurrence": [None, task["recurrence"]]}
    again = await owner.put(RULE, json={"rule": "FREQ=WEEKLY;BYDAY=TU", "exdates": task["recurrence"]["exdates"]})
    assert (again.json(), again.headers["etag"]) == (task, '"2"')


async def test_completing_makes_the_next_one_in_the_same_batch(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    parent = await make.task(web, "Garden", due_on="2026-12-31")
    fields = {"parent_id": parent["id"], "priority": "high", "estimate": 2, "description": "All of them"}
    mine = {"start_on": "2026-11-29", "assignee_ids": [str(web.owner.id)], "due_on": "2026-12-01", **fields}
    await make.task(web, "Water", **mine)
    recurrence = (await owner.put(f"{WEB_2}/recurrence", json=DAILY)).json()["recurrence"]
    done = (await owner.post(f"{WEB_2}/complete")).json()
    assert (done["status"], done["recurrence"]) == ("done", None)
    made = (await owner.get("/api/v1/tasks/WEB-3")).json()
    own = {"id", "key", "number", "rank", "created_at", "updated_at", "recurrence", "start_on", "due_on", "version"}
    assert {name: made[name] for name in made if name not in own} == {
        **{name: done[name] for name in made if name not in own},
        "status": "todo",
        "status_category": "unstarted",
        "completed_at": None,
    }
    assert (made["start_on"], made["due_on"], made["version"]) == ("2026-11-30", "2026-12-02", 1)
    assert made["recurrence"] == {**recurrence, "occurrence": 2}
    [completed], [created] = (await entries(tables, done["id"]))[-1:], await entries(tables, made["id"])
    assert (completed.kind, created.kind) == ("task.completed", "task.created")
    assert completed.changes["recurrence"] == [recurrence, None]
    assert (completed.batch_id, created.subject_key) == (created.batch_id, "WEB-3")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/complete", None), ("PATCH", "", {"status": "done"}), ("POST", "/move", {"status": "done"})],
)
async def test_every_way_of_completing_makes_it_once(
    method: str, path: str, body: Any, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await recurring(make, web, owner)
    for _ in range(2):
        assert (await owner.request(method, f"{WEB_1}{path}", json=body)).status_code == 200
    await owner.post(f"{WEB_1}/reopen")
    assert (await owner.request(method, f"{WEB_1}{path}", json=body)).json()["recurrence"] is None
    assert (await owner.get(TASKS, params={"include": "total"})).json()["total"] == 2


async def test_a_repeated_request_makes_no_second_one(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await recurring(make, web, owner)
    key = {"Idempotency-Key": "water"}
    first, second = [await owner.post(f"{WEB_1}/complete", headers=key) for _ in range(2)]
    assert (second.json(), second.headers["idempotency-replayed"]) == (first.json(), "true")
    assert (await owner.get(TASKS, params={"include": "total"})).json()["total"] == 2


async def test_a_dry_run_makes_none(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    task = await recurring(make, web, owner)
    await owner.post(f"{WEB_1}/complete", headers={"Prefer": "validate-only"})
    assert (await owner.get(WEB_1)).json() == task
    assert (await owner.get(WEB_2)).status_code == 404


@pytest.mark.slow
async def test_of_many_who_complete_it_at_once_one_makes_the_next(live: Factory) -> None:
    person = await live.user()
    project = await live.project(person, key="WEB")
    await live.task(project, due_on="2026-12-01")
    async with live.client(person) as client:
        await client.put(RULE, json=DAILY)
        ways = [client.post(f"{WEB_1}/complete") for _ in range(3)]
        ways += [client.patch(WEB_1, json={"status": "done"}) for _ in range(3)]
        assert {answer.status_code for answer in await asyncio.gather(*ways)} == {200}
        found = (await client.get(TASKS)).json()["items"]
    assert [(task["number"], task["due_on"]) for task in found] == [(1, "2026-12-01"), (2, "2026-12-02")]


async def test_a_cancelled_one_rests_and_goes_on_when_it_is_done(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await recurring(make, web, owner)
    cancelled = (await owner.patch(WEB_1, json={"status": "cancelled"})).json()
    assert (cancelled["recurrence"]["occurrence"], (await owner.get(WEB_2)).status_code) == (1, 404)
    await owner.post(f"{WEB_1}/complete")
    assert (await owner.get(WEB_2)).json()["due_on"] == "2026-12-02"


async def test_a_full_status_takes_the_next_one_all_the_same(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await recurring(make, web, owner)
    await make.task(web, "In the way")
    statuses = (await owner.get("/api/v1/projects/WEB/statuses")).json()["items"]
    todo = next(status["id"] for status in statuses if status["key"] == "todo")
    await owner.patch(f"/api/v1/projects/WEB/statuses/{todo}", json={"wip_limit": 1})
    assert (await owner.post(f"{WEB_1}/complete")).status_code == 200
    assert (await owner.get("/api/v1/tasks/WEB-3")).json()["status"] == "todo"
    assert problem(await owner.post(web.tasks_path, json={"title": "New"})) == (409, "wip_limit_reached")


async def test_the_series_ends_with_its_rule(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    """COUNT is of the series: the task that the rule was given to is the first."""
    await recurring(make, web, owner, rule="FREQ=DAILY;COUNT=3")
    for number in (1, 2, 3):
        assert (await owner.get(f"/api/v1/tasks/WEB-{number}")).json()["recurrence"]["occurrence"] == number
        await owner.post(f"/api/v1/tasks/WEB-{number}/complete")
    assert (await owner.get("/api/v1/tasks/WEB-4")).status_code == 404


async def test_from_completion_the_next_is_counted_from_today(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await recurring(make, web, owner, rule="FREQ=DAILY;INTERVAL=10", mode="completion", fields={"due_on": "2026-01-01"})
    before = datetime.now(UTC).date()
    await owner.post(f"{WEB_1}/complete")
    after = datetime.now(UTC).date()
    due = (await owner.get(WEB_2)).json()["due_on"]
    assert due in {str(day + timedelta(days=10)) for day in (before, after)}


async def test_a_task_that_is_due_at_an_instant_keeps_its_local_time(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await owner.patch("/api/v1/users/me", json={"timezone": "Europe/Vienna"})
    await make.task(web, due_at="2026-03-28T02:30:00+01:00")
    assert (await owner.put(RULE, json=DAILY)).json()["recurrence"]["time_of_day"] == "02:30:00"
    await owner.post(f"{WEB_1}/complete")
    assert (await owner.get(WEB_2)).json()["due_at"] == "2026-03-29T01:30:00.000000Z"
    # With the same rule the series goes on, and what was meant is not forgotten.
    changed = (await owner.put(f"{WEB_2}/recurrence", json={**DAILY, "exdates": ["2027-01-01"]})).json()["recurrence"]
    assert (changed["time_of_day"], changed["occurrence"]) == ("02:30:00", 2)
    await owner.post(f"{WEB_2}/complete")
    assert (await owner.get("/api/v1/tasks/WEB-3")).json()["due_at"] == "2026-03-30T00:30:00.000000Z"


async def test_a_task_without_a_due_date_gets_the_first_day_of_the_rule(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, start_on="2999-11-02")
    due = (await owner.put(RULE, json={"rule": "FREQ=MONTHLY;BYMONTHDAY=15"})).json()
    assert due["due_on"] == "2999-11-15"
    await make.task(web)
    before = datetime.now(UTC).date()
    due = (await owner.put(f"{WEB_2}/recurrence", json=DAILY)).json()
    assert str(before) <= due["due_on"] <= str(datetime.now(UTC).date())


async def test_a_rule_that_brings_nothing_more_is_refused(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, due_on="2026-12-01")
    await make.task(web)
    for rule in ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=20261130", "FREQ=DAILY;COUNT=1"):
        assert faults(await owner.put(RULE, json={"rule": rule})) == [("/rule", "never_occurs")]
    past = await owner.put(f"{WEB_2}/recurrence", json={"rule": "FREQ=DAILY;UNTIL=20200101"})
    assert faults(past) == [("/rule", "never_occurs")]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/rule"),
        ({"rule": "FREQ=HOURLY"}, "/rule"),
        ({"rule": f"FREQ=DAILY;BYMONTHDAY={','.join(['1'] * 200)}"}, "/rule"),
        ({"rule": None}, "/rule"),
        ({"rule": "FREQ=DAILY", "mode": "sometimes"}, "/mode"),
        ({"rule": "FREQ=DAILY", "exdates": ["tomorrow"]}, "/exdates/0"),
        ({"rule": "FREQ=DAILY", "exdates": ["2026-12-01"] * 101}, "/exdates"),
        ({"rule": "FREQ=DAILY", "timezone": "UTC"}, "/timezone"),
    ],
)
async def test_what_is_wrong_is_pointed_at(
    body: dict[str, Any], pointer: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    assert [found for found, _ in faults(await owner.put(RULE, json=body))] == [pointer]


async def test_a_closed_task_does_not_begin_to_recur(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, status="done", due_on="2026-12-01")
    assert problem(await owner.put(RULE, json=DAILY)) == (409, "task_closed")


async def test_skipping_moves_the_dates_and_ends_with_the_rule(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    fields = {"due_on": "2026-12-01", "start_on": "2026-11-30"}
    task = await recurring(make, web, owner, rule="FREQ=DAILY;COUNT=2", fields=fields)
    stale = await owner.post(f"{RULE}/skip", headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "precondition_failed")
    skipped = (await owner.post(f"{RULE}/skip", headers={"If-Match": '"2"'})).json()
    assert (skipped["start_on"], skipped["due_on"], skipped["key"]) == ("2026-12-01", "2026-12-02", "WEB-1")
    assert (await kinds(tables, task["id"]))[-1] == "task.updated"
    assert problem(await owner.post(f"{RULE}/skip")) == (409, "recurrence_ended")
    assert (await owner.delete(RULE)).status_code == 204
    assert problem(await owner.post(f"{RULE}/skip")) == (409, "not_recurring")


async def test_a_rule_is_ended_as_often_as_one_likes(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await recurring(make, web, owner)
    assert problem(await owner.delete(RULE, headers={"If-Match": '"1"'})) == (412, "precondition_failed")
    assert [(await owner.delete(RULE)).status_code for _ in range(2)] == [204, 204]
    assert (await owner.get(WEB_1)).json()["version"] == 3
    await owner.post(f"{WEB_1}/complete")
    assert (await owner.get(WEB_2)).status_code == 404


async def test_a_preview_tells_what_comes_after_the_due_date(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await recurring(make, web, owner, rule="FREQ=DAILY;COUNT=4", exdates=["2026-12-03"])
    assert (await owner.get(f"{RULE}/preview")).json() == {"items": ["2026-12-02", "2026-12-04"]}
    assert (await owner.get(f"{RULE}/preview?count=1")).json() == {"items": ["2026-12-02"]}
    assert faults(await owner.get(f"{RULE}/preview?count=51"))[0][0] == "/query/count"
    await owner.delete(RULE)
    assert (await owner.get(f"{RULE}/preview")).json() == {"items": []}


async def test_a_move_to_another_project_takes_the_series_along(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, key="OPS")
    await recurring(make, web, owner)
    await owner.post(f"{WEB_1}/move", json={"project": "OPS", "status": "done"})
    assert (await owner.get("/api/v1/tasks/OPS-2")).json()["due_on"] == "2026-12-02"
    assert (await owner.get(WEB_2)).status_code == 404


async def test_where_nothing_is_written_nothing_recurs(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await recurring(make, web, owner)
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    assert problem(await viewer.put(RULE, json=DAILY)) == (403, "forbidden")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for refused in (await owner.put(RULE, json=DAILY), await owner.delete(RULE), await owner.post(f"{RULE}/skip")):
        assert problem(refused) == (409, "project_archived")
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    await owner.delete(WEB_1)
    assert problem(await owner.put(RULE, json=DAILY)) == (404, "not_found")


async def test_a_removed_status_that_moves_its_tasks_makes_none(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    """Tidying up a board is not doing what was on it."""
    await recurring(make, web, owner)
    statuses = {
        found["key"]: found["id"] for found in (await owner.get("/api/v1/projects/WEB/statuses")).json()["items"]
    }
    gone = await owner.delete(f"/api/v1/projects/WEB/statuses/{statuses['todo']}?move_to=done")
    assert gone.status_code == 204
    moved = (await owner.get(WEB_1)).json()
    assert (moved["status"], moved["recurrence"]["occurrence"]) == ("done", 1)
    assert (await owner.get(WEB_2)).status_code == 404


async def test_who_has_no_rule_pays_nothing_for_it(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, count_statements: Counting
) -> None:
    await make.task(web)
    await owner.get(WEB_1)
    async with count_statements() as seen:
        await owner.patch(WEB_1, json={"status": "done"})
    assert [sql.split()[0] for sql in seen if "SAVEPOINT" not in sql] == ["SELECT", "UPDATE", "INSERT"]


@pytest.mark.parametrize("exdate", [None, 7, [], {}, "", "soon"])
async def test_a_day_that_is_none_is_refused(
    exdate: Any, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    answer = await owner.put("/api/v1/tasks/WEB-1/recurrence", json={"rule": "FREQ=DAILY", "exdates": [exdate]})
    assert (problem(answer)[0], answer.json()["errors"][0]["pointer"]) == (422, "/exdates/0")
