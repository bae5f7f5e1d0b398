"""Every write of a task is one row of the change log, in the words of the API; what changes nothing is none."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"
WEB_1 = "/api/v1/tasks/WEB-1"


async def test_a_creation_carries_every_field(web: MadeProject, owner: httpx.AsyncClient, tables: Any) -> None:
    made = await owner.post(TASKS, json={"title": "T"}, headers={"X-Request-ID": "mine-1"})
    (entry,) = await entries(tables, made.json()["id"])
    assert entry.changes == {field: [None, value] for field, value in made.json().items()}
    assert (entry.kind, entry.actor_id, entry.project_id, entry.subject_key, entry.request_id) == (
        "task.created",
        web.owner.id,
        web.id,
        "WEB-1",
        "mine-1",
    )


async def test_a_change_says_from_what_to_what(web: MadeProject, owner: httpx.AsyncClient, tables: Any) -> None:
    made = (await owner.post(TASKS, json={"title": "Old", "estimate": 1, "due_on": "2026-01-01"})).json()
    body = {"title": "New", "estimate": 1, "due_at": "2026-01-02T00:00:00Z", "assignee_ids": [str(web.owner.id)]}
    await owner.patch(WEB_1, json=body)
    entry = (await entries(tables, made["id"]))[-1]
    assert entry.kind == "task.updated"
    assert entry.changes == {
        "title": ["Old", "New"],
        "due_on": ["2026-01-01", None],
        "due_at": [None, "2026-01-02T00:00:00.000000Z"],
        "assignee_ids": [[], [str(web.owner.id)]],
    }


async def test_a_status_says_its_category_and_when_it_was_completed(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    done = (await owner.patch(WEB_1, json={"status": "done"})).json()
    assert (await entries(tables, task["id"]))[-1].changes == {
        "status": ["todo", "done"],
        "status_category": ["unstarted", "done"],
        "completed_at": [None, done["completed_at"]],
    }


async def test_each_kind_of_write_has_its_own_name(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    await owner.patch(WEB_1, json={"title": "New"})
    for action in ("complete", "reopen"):
        await owner.post(f"{WEB_1}/{action}")
    await owner.post(f"{WEB_1}/move", json={"status": "backlog"})
    await owner.delete(WEB_1)
    await owner.post(f"{WEB_1}/restore")
    await owner.delete(f"{WEB_1}?permanent=true")
    assert await kinds(tables, task["id"]) == [
        "task.created",
        "task.updated",
        "task.completed",
        "task.reopened",
        "task.moved",
        "task.deleted",
        "task.restored",
        "task.purged",
    ]
    assert {entry.actor_id for entry in await entries(tables, task["id"])} == {web.owner.id}


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        (WEB_1, {"status": "done"}, "task.completed"),
        (WEB_1, {"status": "cancelled", "title": "New"}, "task.completed"),
        (f"{WEB_1}/move", {"status": "done"}, "task.completed"),
        (WEB_1, {"status": "in_progress"}, "task.moved"),
        (f"{WEB_1}/move", {"status": "in_progress"}, "task.moved"),
        (WEB_1, {"status": "in_progress", "title": "New"}, "task.updated"),
        (WEB_1, {"title": "New"}, "task.updated"),
    ],
)
async def test_the_kind_follows_from_what_changed_and_not_from_the_route(
    path: str, body: dict[str, Any], kind: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    await owner.request("PATCH" if path == WEB_1 else "POST", path, json=body)
    assert await kinds(tables, task["id"]) == ["task.created", kind]


async def test_a_closed_task_that_changes_its_status_is_completed_once_and_reopened_by_any_way_out(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    for status in ("done", "cancelled", "backlog"):
        await owner.patch(WEB_1, json={"status": status})
    assert await kinds(tables, task["id"]) == ["task.created", "task.completed", "task.moved", "task.reopened"]


async def test_the_log_alone_rebuilds_a_task(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web, description="Text", priority="high")
    await owner.patch(WEB_1, json={"description": None, "priority": "low", "due_on": "2026-05-05"})
    await owner.post(f"{WEB_1}/complete")
    await owner.delete(WEB_1)
    await owner.post(f"{WEB_1}/restore")
    rebuilt: dict[str, Any] = {}
    for entry in await entries(tables, task["id"]):
        for field, (before, after) in entry.changes.items():
            assert rebuilt.get(field) == before
            rebuilt[field] = after
    now = (await owner.get(WEB_1)).json()
    bookkeeping = {"version": now["version"], "updated_at": now["updated_at"]}
    assert rebuilt | bookkeeping == now


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", WEB_1, {"title": "Task"}),
        ("PATCH", WEB_1, {}),
        ("POST", f"{WEB_1}/reopen", None),
        ("POST", f"{WEB_1}/move", {"status": "todo"}),
        ("PATCH", WEB_1, {"title": "New", "status": "nope"}),
        ("POST", TASKS, {"title": "T", "parent_id": str(UUID(int=1))}),
    ],
)
async def test_what_changes_nothing_or_is_refused_is_not_in_the_log(
    method: str,
    path: str,
    body: dict[str, Any] | None,
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
    tables: Any,
) -> None:
    await make.task(web)
    before = await kinds(tables)
    await owner.request(method, path, json=body)
    assert await kinds(tables) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", TASKS, {"title": "T"}),
        ("PATCH", WEB_1, {"title": "New"}),
        ("DELETE", WEB_1, None),
        ("DELETE", f"{WEB_1}?permanent=true", None),
        ("POST", f"{WEB_1}/complete", None),
        ("POST", f"{WEB_1}/move", {"status": "done"}),
    ],
)
async def test_what_was_only_tried_is_not_in_the_log(
    method: str,
    path: str,
    body: dict[str, Any] | None,
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
    tables: Any,
) -> None:
    task = await make.task(web)
    before = await kinds(tables)
    tried = await owner.request(method, path, json=body, headers={"Prefer": "validate-only"})
    assert tried.is_success
    assert await kinds(tables) == before
    assert (await owner.get(WEB_1)).json() == task


async def test_a_request_id_that_was_made_is_in_the_log_too(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    made = await owner.post(TASKS, json={"title": "T"})
    (entry,) = await entries(tables, made.json()["id"])
    assert entry.request_id == made.headers["x-request-id"]
