"""Bulk changes by a filter, of labels, into statuses with a limit, and of tasks that come again."""

from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject

BULK = "/api/v1/tasks/bulk"


async def label(owner: httpx.AsyncClient, name: str) -> str:
    made = await owner.post("/api/v1/projects/WEB/labels", json={"name": name, "color": "#d73a4a"})
    found: str = made.json()["id"]
    return found


async def limit(owner: httpx.AsyncClient, key: str, wip_limit: int) -> None:
    statuses = (await owner.get("/api/v1/projects/WEB/statuses")).json()["items"]
    [status_id] = [status["id"] for status in statuses if status["key"] == key]
    changed = await owner.patch(f"/api/v1/projects/WEB/statuses/{status_id}", json={"wip_limit": wip_limit})
    assert changed.status_code == 200


async def test_what_a_filter_shows_is_what_it_changes(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    bug = await label(owner, "bug")
    urgent = [await make.task(web, f"{n}", priority="urgent", label_ids=[bug] if n else []) for n in range(3)]
    await make.task(web, "calm", label_ids=[bug])
    elsewhere = await make.project(key="OPS")
    await make.task(elsewhere, "theirs", priority="urgent")
    shown = (await owner.get("/api/v1/tasks", params={"filter": "priority:urgent label:Bug"})).json()["items"]
    body = {"filter": "priority:urgent label:Bug", "patch": {"status": "in_progress"}}
    counted = await owner.post(BULK, json=body, headers={"Prefer": "validate-only"})
    assert counted.json()["changed"] == 2
    done = await owner.post(BULK, json=body)
    assert done.json()["matched"] == 2
    assert sorted(done.json()["task_ids"]) == sorted(task["id"] for task in shown)
    assert (await owner.get(f"/api/v1/tasks/{urgent[0]['id']}")).json()["status"] == "todo"
    theirs = (await client_for(elsewhere.owner).get("/api/v1/tasks/OPS-1")).json()
    assert theirs["status"] == "todo"
    assert (await owner.post(BULK, json={**body, "filter": "priority:low"})).json()["matched"] == 0


async def test_a_filter_that_cannot_be_read_points_at_its_column(owner: httpx.AsyncClient) -> None:
    answer = await owner.post(BULK, json={"filter": "is:opne", "patch": {"title": "T"}})
    assert problem(answer) == (422, "invalid_filter")
    assert answer.json()["errors"][0]["pointer"] == "/filter"


async def test_a_viewers_tasks_are_found_and_refuse_the_whole(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web, "seen")
    viewer = await make.member(web, ProjectRole.VIEWER)
    answer = await client_for(viewer).post(BULK, json={"filter": "is:open", "patch": {"title": "Mine"}})
    assert problem(answer) == (403, "forbidden")
    assert (await owner.get("/api/v1/tasks/WEB-1")).json()["title"] == "seen"


@pytest.mark.parametrize(
    "body",
    [
        {"patch": {}},
        {"ids": [], "patch": {}},
        {"ids": ["01990f0e-7b1c-7e4a-9d3e-2f6b8c1a5d70"], "filter": "is:open", "patch": {}},
        {"filter": "is:open", "patch": {"label_ids": [], "add_label_ids": ["01990f0e-7b1c-7e4a-9d3e-2f6b8c1a5d70"]}},
    ],
)
async def test_either_ids_or_a_filter_and_all_labels_or_some(body: dict[str, Any], owner: httpx.AsyncClient) -> None:
    assert problem(await owner.post(BULK, json=body))[0] == 422


async def test_labels_are_added_and_removed_beside_those_that_stay(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    bug, ui, old = [await label(owner, name) for name in ("bug", "ui", "old")]
    tasks = [await make.task(web, label_ids=[old]), await make.task(web, label_ids=[ui, old])]
    patch = {"add_label_ids": [bug], "remove_label_ids": [old]}
    done = await owner.post(BULK, json={"ids": [task["id"] for task in tasks], "patch": patch})
    assert done.json()["changed"] == 2
    found = [(await owner.get(f"/api/v1/tasks/{task['id']}")).json()["label_ids"] for task in tasks]
    assert found == [[bug], [ui, bug]]


async def test_a_status_with_a_limit_takes_all_or_none(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    tasks = [await make.task(web) for _ in range(3)]
    await limit(owner, "in_progress", 2)
    body: dict[str, Any] = {"ids": [task["id"] for task in tasks], "patch": {"status": "in_progress"}}
    assert problem(await owner.post(BULK, json=body)) == (409, "wip_limit_reached")
    assert {(await owner.get(f"/api/v1/tasks/{task['id']}")).json()["status"] for task in tasks} == {"todo"}
    assert (await owner.post(BULK, json={**body, "ids": body["ids"][:2]})).json()["changed"] == 2


async def test_what_comes_again_leaves_its_next_one(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    task = await make.task(web, "Water the plants", due_on="2026-12-01")
    rule = {"rule": "FREQ=DAILY"}
    assert (await owner.put(f"/api/v1/tasks/{task['id']}/recurrence", json=rule)).status_code == 200
    await owner.post(BULK, json={"ids": [task["id"]], "patch": {"status": "done"}})
    [again] = (await owner.get("/api/v1/projects/WEB/tasks", params={"open": True})).json()["items"]
    assert (again["title"], again["due_on"]) == ("Water the plants", "2026-12-02")
    assert (await owner.get(f"/api/v1/tasks/{task['id']}")).json()["recurrence"] is None
