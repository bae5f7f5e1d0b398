"""A status goes when its tasks have another one to be in; each task that moves is told in the change log."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.projects.statuses.conftest import DEFAULT, STATUSES, order, path_of, status
from tests.support.answers import faults, pointers, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject


async def read(client: httpx.AsyncClient, task: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/api/v1/tasks/{task['key']}")).json()
    return found


async def test_one_without_tasks_goes_and_the_others_close_up(owner: httpx.AsyncClient, tables: Any) -> None:
    todo = await status(owner, "todo")
    path = f"{STATUSES}/{todo['id']}"
    assert (await owner.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    assert await order(owner) == ["backlog", "in_progress", "done", "cancelled"]
    for answer in (await owner.get(path), await owner.patch(path, json={"name": "x"}), await owner.delete(path)):
        assert problem(answer) == (404, "not_found")
    gone = (await entries(tables, todo["id"]))[-1]
    assert (gone.kind, gone.changes) == ("status.deleted", {name: [value, None] for name, value in todo.items()})
    batch = await tables.fetch(
        "SELECT kind FROM events WHERE batch_id = (SELECT batch_id FROM events WHERE kind = 'status.deleted')"
        " ORDER BY seq"
    )
    assert [row["kind"] for row in batch] == ["status.deleted", *["status.updated"] * 3]


async def test_one_with_tasks_stays_until_they_are_told_where_to_go(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    task = await make.task(web)
    path = await path_of(owner, "todo")
    assert problem(await owner.delete(path)) == (409, "status_in_use")
    await owner.delete(f"/api/v1/tasks/{task['key']}")
    assert problem(await owner.delete(path)) == (409, "status_in_use"), "it may come back from the trash"
    assert (await owner.delete(f"{path}?move_to=backlog")).status_code == 204
    restored = (await owner.post(f"/api/v1/tasks/{task['key']}/restore")).json()
    assert (restored["status"], restored["status_category"]) == ("backlog", "backlog")


@pytest.mark.parametrize("named_by", ["key", "id"])
async def test_its_tasks_move_and_say_so(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any, named_by: str
) -> None:
    moving, staying = await make.task(web, status="todo"), await make.task(web, status="done")
    target = (await status(owner, "in_progress"))[named_by]
    assert (await owner.delete(f"{await path_of(owner, 'todo')}?move_to={target}")).status_code == 204
    after = await read(owner, moving)
    assert after == {
        **moving,
        "status": "in_progress",
        "status_category": "started",
        "version": 2,
        "updated_at": after["updated_at"],
    }
    assert await read(owner, staying) == staying
    told = (await entries(tables, moving["id"]))[-1]
    assert (told.kind, told.subject_key, told.actor_id) == ("task.moved", moving["key"], web.owner.id)
    assert told.changes == {"status": ["todo", "in_progress"], "status_category": ["unstarted", "started"]}
    batches = await tables.fetch(
        "SELECT DISTINCT batch_id FROM events WHERE kind IN ('task.moved', 'status.deleted') AND batch_id IS NOT NULL"
    )
    assert len(batches) == 1


async def test_into_a_closed_status_they_are_completed_and_out_of_it_reopened(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    open_one, closed = await make.task(web, status="todo"), await make.task(web, status="cancelled")
    await owner.delete(f"{await path_of(owner, 'todo')}?move_to=done")
    completed = await read(owner, open_one)
    assert (completed["status_category"], completed["completed_at"]) == ("done", completed["updated_at"])
    assert (await kinds(tables, open_one["id"]))[-1] == "task.completed"
    await owner.delete(f"{await path_of(owner, 'cancelled')}?move_to=done")
    assert (await read(owner, closed))["completed_at"] == closed["completed_at"]
    assert (await kinds(tables, closed["id"]))[-1] == "task.moved"
    await owner.delete(f"{await path_of(owner, 'done')}?move_to=backlog")
    for task in (open_one, closed):
        reopened = await read(owner, task)
        assert (reopened["status"], reopened["completed_at"]) == ("backlog", None)
        told = (await entries(tables, task["id"]))[-1]
        assert told.kind == "task.reopened"
        assert told.changes["completed_at"][1] is None
        assert told.changes["completed_at"][0] in {closed["completed_at"], completed["completed_at"]}


async def test_more_than_a_step_of_tasks_move_together(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    first = await make.task(web)
    await tables.execute(
        "INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at,"
        " updated_at) SELECT gen_random_uuid(), project_id, 1 + n, 'x', status, status_category, rank || n, created_by,"
        " created_at, updated_at FROM tasks, generate_series(1, 1200) n WHERE id = $1",
        UUID(first["id"]),
    )
    assert (await owner.delete(f"{await path_of(owner, 'todo')}?move_to=done")).status_code == 204
    counted = await tables.fetchrow(
        "SELECT count(*) FILTER (WHERE status = 'done' AND completed_at IS NOT NULL AND version = 2) AS moved,"
        " (SELECT count(*) FROM events WHERE kind = 'task.completed') AS told,"
        " (SELECT count(DISTINCT batch_id) FROM events WHERE kind = 'task.completed') AS batches FROM tasks"
    )
    assert tuple(counted) == (1201, 1201, 1)


@pytest.mark.parametrize("target", ["todo", "nowhere", "01890000-0000-7000-8000-000000000000", ""])
async def test_they_move_to_another_status_of_the_project(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, target: str
) -> None:
    await make.task(web)
    refused = await owner.delete(f"{await path_of(owner, 'todo')}?move_to={target}")
    assert faults(refused) == [("/query/move_to", "unknown_status")]
    assert await order(owner) == DEFAULT


async def test_a_misspelt_parameter_is_no_order_to_lose_tasks(owner: httpx.AsyncClient) -> None:
    assert pointers(await owner.delete(f"{await path_of(owner, 'todo')}?moveto=done")) == ["/query/moveto"]


async def test_they_do_not_move_to_one_of_another_project(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await make.project(web.owner, "ELSE")
    theirs = (await owner.get("/api/v1/projects/ELSE/statuses")).json()["items"][0]
    refused = await owner.delete(f"{await path_of(owner, 'todo')}?move_to={theirs['id']}")
    assert faults(refused) == [("/query/move_to", "unknown_status")]


async def test_the_last_one_that_tasks_can_start_in_stays(owner: httpx.AsyncClient) -> None:
    for key in ("backlog", "todo"):
        assert (await owner.delete(await path_of(owner, key))).status_code == 204
    assert problem(await owner.delete(await path_of(owner, "in_progress"))) == (409, "last_open_status")
    for key in ("done", "cancelled"):
        assert (await owner.delete(await path_of(owner, key))).status_code == 204
    assert await order(owner) == ["in_progress"]


async def test_a_share_link_shows_what_is_left(owner: httpx.AsyncClient) -> None:
    link = (await owner.post("/api/v1/projects/WEB/share-links", json={})).json()
    await owner.delete(await path_of(owner, "todo"))
    shown = (await owner.get(f"/api/v1/shared/{link['token']}")).json()["statuses"]
    assert [(one["key"], one["position"]) for one in shown] == [
        ("backlog", 0),
        ("in_progress", 1),
        ("done", 2),
        ("cancelled", 3),
    ]
