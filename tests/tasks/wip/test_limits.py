"""A status with a limit takes no more tasks, by whatever door they come and however many come at once."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.adversity.observing import until_somebody_waits_for_a_lock
from tests.projects.statuses.conftest import path_of
from tests.support.answers import column, problem
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject
from tests.support.marks import WEB
from tests.support.statements import Counting

TASKS = f"{WEB}/tasks"
WEB_2 = "/api/v1/tasks/WEB-2"
REACHED = (409, "wip_limit_reached")


async def limit(client: httpx.AsyncClient, key: str, wip_limit: int | None) -> None:
    answer = await client.patch(await path_of(client, key), json={"wip_limit": wip_limit})
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def full(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> httpx.AsyncClient:
    """In progress is one task, WEB-1, and no other may be; WEB-2 is to be done."""
    await limit(owner, "in_progress", 1)
    await make.task(web, status="in_progress")
    await make.task(web)
    return owner


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", TASKS, {"title": "New", "status": "in_progress"}),
        ("PATCH", WEB_2, {"status": "in_progress"}),
        ("POST", f"{WEB_2}/move", {"status": "in_progress"}),
        ("POST", f"{WEB_2}/move", {"status": "in_progress", "before": "WEB-1"}),
    ],
)
async def test_nothing_enters_a_full_status(
    method: str, path: str, body: dict[str, Any], full: httpx.AsyncClient
) -> None:
    refused = await full.request(method, path, json=body)
    assert problem(refused) == REACHED
    assert (refused.json()["limit"], refused.json()["count"]) == (1, 1)
    assert "in_progress" in refused.json()["detail"]
    assert (await full.get(f"{TASKS}?status=in_progress&include=total")).json()["total"] == 1
    await full.post("/api/v1/tasks/WEB-1/complete")
    assert (
        await full.request(method, path, json={**body, **({"before": None} if "before" in body else {})})
    ).is_success


async def test_subtasks_come_back_where_there_is_room_for_all(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    parent = await make.task(web)
    for _ in range(2):
        await make.task(web, parent_id=parent["id"], status="in_progress")
    await owner.delete("/api/v1/tasks/WEB-1")
    await limit(owner, "in_progress", 1)
    assert problem(await owner.post("/api/v1/tasks/WEB-1/restore")) == REACHED
    assert (await owner.get("/api/v1/tasks/WEB-1")).status_code == 404
    await limit(owner, "in_progress", 2)
    assert (await owner.post("/api/v1/tasks/WEB-1/restore")).status_code == 200
    assert (await owner.get(WEB_2)).status_code == 200


async def test_completing_reopening_and_restoring_enter_as_well(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    for key in ("done", "todo"):
        await limit(owner, key, 1)
    await make.task(web, status="done")
    await make.task(web, status="todo")
    assert problem(await owner.post(f"{WEB_2}/complete")) == REACHED
    assert problem(await owner.post("/api/v1/tasks/WEB-1/reopen")) == REACHED
    await owner.delete(WEB_2)
    await make.task(web, status="todo")
    assert problem(await owner.post(f"{WEB_2}/restore")) == REACHED
    await owner.delete("/api/v1/tasks/WEB-3")
    assert (await owner.post(f"{WEB_2}/restore")).status_code == 200


async def test_what_stays_in_its_status_may_change(full: httpx.AsyncClient) -> None:
    for body in ({"title": "New"}, {"status": "in_progress", "title": "Newer"}):
        assert (await full.patch("/api/v1/tasks/WEB-1", json=body)).status_code == 200
    moved = await full.post("/api/v1/tasks/WEB-1/move", json={"status": "in_progress", "after": "WEB-2"})
    assert moved.status_code == 200


async def test_another_projects_status_has_its_own_limit(
    full: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    other = await make.project(web.owner, "OPS")
    await make.task(other, status="in_progress")
    assert problem(await full.post("/api/v1/tasks/OPS-1/move", json={"project": "WEB"})) == REACHED
    assert (await full.get(other.tasks_path)).json()["items"][0]["key"] == "OPS-1"
    answer = await full.post("/api/v1/tasks/OPS-1/move", json={"project": "WEB", "status": "todo"})
    assert answer.json()["key"] == "WEB-3"


async def test_a_limit_may_fall_below_what_is_there_and_then_nothing_enters_until_there_is_room(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    for _ in range(3):
        await make.task(web, status="in_progress")
    await limit(owner, "in_progress", 2)
    refused = await owner.post(TASKS, json={"title": "New", "status": "in_progress"})
    assert (refused.json()["limit"], refused.json()["count"]) == (2, 3)
    await owner.post("/api/v1/tasks/WEB-1/complete")
    assert problem(await owner.post(TASKS, json={"title": "New", "status": "in_progress"})) == REACHED
    await limit(owner, "in_progress", None)
    assert (await owner.post(TASKS, json={"title": "New", "status": "in_progress"})).status_code == 201


async def test_a_deleted_status_hands_on_as_many_tasks_as_there_is_room_for(
    full: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    backlog = await path_of(full, "backlog")
    task = await make.task(web, status="backlog")
    refused = await full.delete(f"{backlog}?move_to=in_progress")
    assert problem(refused) == REACHED
    assert (await full.get(f"/api/v1/tasks/{task['key']}")).json()["status"] == "backlog"
    # What is in the trash takes no room.
    await full.delete(f"/api/v1/tasks/{task['key']}")
    assert (await full.delete(f"{backlog}?move_to=in_progress")).status_code == 204


async def test_a_status_without_a_limit_asks_nothing(owner: httpx.AsyncClient, count_statements: Counting) -> None:
    await owner.post(TASKS, json={"title": "A"})
    async with count_statements() as seen:
        await owner.patch("/api/v1/tasks/WEB-1", json={"status": "in_progress"})
    assert len([text for text in seen if text not in {"BEGIN;", "COMMIT;"}]) <= 5
    assert not any("task_places" in text for text in seen)


@pytest.mark.slow
async def test_of_many_at_once_as_many_enter_as_there_is_room_for(live: Factory) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    await limit(client, "in_progress", 3)
    for _ in range(4):
        await live.task(project)
    answers = await asyncio.gather(
        *(client.post(TASKS, json={"title": "New", "status": "in_progress"}) for _ in range(4)),
        *(client.patch(f"/api/v1/tasks/WEB-{n}", json={"status": "in_progress"}) for n in (1, 2)),
        *(client.post(f"/api/v1/tasks/WEB-{n}/move", json={"status": "in_progress"}) for n in (3, 4)),
    )
    assert sorted(answer.status_code for answer in answers if not answer.is_success) == [409] * 5
    assert column(await client.get(f"{TASKS}?limit=50"), "status").count("in_progress") == 3


@pytest.mark.slow
async def test_who_enters_waits_for_whoever_is_entering(live: Factory, database_url: str) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    await limit(client, "in_progress", 1)
    await live.task(project)
    first = await connect(database_url)
    async with first.transaction():
        await first.execute("SELECT FROM statuses WHERE key = 'in_progress' FOR NO KEY UPDATE")
        await first.execute("UPDATE tasks SET status = 'in_progress', status_category = 'started'")
        second = asyncio.create_task(client.post(TASKS, json={"title": "New", "status": "in_progress"}))
        await until_somebody_waits_for_a_lock(database_url)
    await first.close()
    assert problem(await second) == REACHED
