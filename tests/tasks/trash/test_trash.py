"""Deleting moves a task to the trash: it can come back for 30 days, or go for good."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting
from tests.support.sweeps import sweep

WEB_1 = "/api/v1/tasks/WEB-1"
TRASH = "/api/v1/projects/WEB/trash"


@pytest.fixture
async def task(web: MadeProject, make: Factory) -> dict[str, Any]:
    return await make.task(web)


async def test_a_deleted_task_is_found_nowhere_but_in_the_trash(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    deleted = await owner.delete(WEB_1)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert problem(await owner.get(WEB_1)) == (404, "not_found")
    for path in ("/api/v1/projects/WEB/tasks", "/api/v1/tasks"):
        assert column(await owner.get(path), "key") == []
    trashed = (await owner.get(TRASH)).json()["items"]
    deleted_at = trashed[0]["deleted_at"]
    assert deleted_at is not None
    assert trashed == [task | {"deleted_at": deleted_at, "updated_at": trashed[0]["updated_at"], "version": 2}]


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", ""), ("PATCH", ""), ("POST", "/complete"), ("POST", "/reopen"), ("POST", "/move")],
)
async def test_a_deleted_task_cannot_be_written(
    method: str, path: str, task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    await owner.delete(WEB_1)
    body: dict[str, Any] = {"json": {}} if method == "PATCH" or path == "/move" else {}
    assert problem(await owner.request(method, f"{WEB_1}{path}", **body)) == (404, "not_found")


async def test_the_trash_shows_the_newest_first_page_by_page(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for _ in range(5):
        await make.task(web)
    for number in (3, 1, 5, 2):
        await owner.delete(f"/api/v1/tasks/WEB-{number}")
    first = await owner.get(TRASH, params={"limit": 3, "include": "total"})
    assert column(first, "number") == [2, 5, 1]
    assert (first.json()["has_more"], first.json()["total"]) == (True, 4)
    second = await owner.get(TRASH, params={"limit": 3, "cursor": first.json()["next_cursor"]})
    assert column(second, "number") == [3]
    assert column(await owner.get(TRASH, params={"limit": 3, "page": 2}), "number") == [3]


async def test_the_trash_is_listed_in_two_round_trips(
    task: dict[str, Any], owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    await owner.delete(WEB_1)
    async with count_statements() as seen:
        await owner.get(TRASH)
    assert len(seen) == 2


async def test_a_restored_task_is_as_it_was(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    await owner.delete(WEB_1)
    restored = await owner.post(f"{WEB_1}/restore")
    assert restored.headers["etag"] == '"3"'
    assert restored.json() == task | {"version": 3, "updated_at": restored.json()["updated_at"]}
    assert (await owner.get(WEB_1)).json() == restored.json()
    assert column(await owner.get(TRASH), "key") == []


async def test_a_task_can_be_restored_by_its_id(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    await owner.delete(WEB_1)
    assert (await owner.post(f"/api/v1/tasks/{task['id']}/restore")).status_code == 200


async def test_what_is_not_in_the_trash_cannot_be_restored(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    assert problem(await owner.post("/api/v1/tasks/WEB-1/restore")) == (409, "not_in_trash")
    assert problem(await owner.post("/api/v1/tasks/WEB-2/restore")) == (404, "not_found")


async def test_subtasks_go_with_their_task_and_come_back_with_it(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    parent = await make.task(web)
    child = await make.task(web, parent_id=parent["id"])
    grandchild = await make.task(web, parent_id=child["id"])
    await owner.delete(WEB_1)
    assert sorted(column(await owner.get(TRASH), "number")) == [1, 2, 3]
    assert column(await owner.get("/api/v1/projects/WEB/tasks"), "key") == []
    deleted = [(await entries(tables, task["id"]))[-1] for task in (parent, child, grandchild)]
    assert {entry.kind for entry in deleted} == {"task.deleted"}
    assert len({entry.batch_id for entry in deleted}) == 1
    await owner.post(f"{WEB_1}/restore")
    back = (await owner.get("/api/v1/tasks/WEB-3")).json()
    assert back == grandchild | {"version": 3, "updated_at": back["updated_at"]}
    assert (await kinds(tables, child["id"]))[-1] == "task.restored"


async def test_what_was_thrown_away_before_stays_in_the_trash(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    parent = await make.task(web)
    first = await make.task(web, parent_id=parent["id"])
    await make.task(web, parent_id=first["id"])
    await make.task(web, parent_id=parent["id"])
    await owner.delete("/api/v1/tasks/WEB-2")
    await owner.delete(WEB_1)
    await owner.post(f"{WEB_1}/restore")
    assert sorted(column(await owner.get("/api/v1/projects/WEB/tasks"), "number")) == [1, 4]
    await owner.post("/api/v1/tasks/WEB-2/restore")
    assert sorted(column(await owner.get("/api/v1/projects/WEB/tasks"), "number")) == [1, 2, 3, 4]


async def test_a_subtask_can_come_back_alone(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    parent = await make.task(web)
    await make.task(web, parent_id=parent["id"])
    await owner.delete(WEB_1)
    alone = (await owner.post("/api/v1/tasks/WEB-2/restore")).json()
    assert (alone["deleted_at"], alone["parent_id"]) == (None, parent["id"])
    assert column(await owner.get(TRASH), "number") == [1]


async def test_more_subtasks_than_a_step_takes_go_and_come_back_and_do_not_move_at_once(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    parent = await make.task(web)
    await tables.execute(
        "INSERT INTO tasks (id, project_id, number, title, status, status_category, parent_id, rank, created_by,"
        " created_at, updated_at) SELECT gen_random_uuid(), $1, n, 'Below', 'todo', 'unstarted', $2,"
        " lpad(n::text, 10, '0'), $3, now(), now() FROM generate_series(2, 502) AS n",
        *(web.id, UUID(parent["id"]), web.owner.id),
    )
    living = "SELECT count(*) FROM tasks WHERE deleted_at IS NULL"
    await owner.delete(WEB_1)
    assert await tables.fetchval(living) == 0
    await owner.post(f"{WEB_1}/restore")
    assert await tables.fetchval(living) == 502
    await make.project(web.owner, "OTHER")
    refused = await owner.post(f"{WEB_1}/move", json={"project": "OTHER"})
    assert problem(refused) == (409, "too_many_subtasks")


async def test_who_read_an_older_version_does_not_delete(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    await owner.patch(WEB_1, json={"title": "New"})
    for query in ("", "?permanent=true"):
        stale = await owner.delete(f"{WEB_1}{query}", headers={"If-Match": '"1"'})
        assert problem(stale) == (412, "precondition_failed")
        assert stale.json()["current"]["title"] == "New"
    assert (await owner.delete(WEB_1, headers={"If-Match": '"2"'})).status_code == 204


@pytest.mark.parametrize("trashed", [False, True])
async def test_a_project_admin_deletes_for_good(
    trashed: bool, task: dict[str, Any], owner: httpx.AsyncClient, tables: Any
) -> None:
    if trashed:
        await owner.delete(WEB_1)
    assert (await owner.delete(f"{WEB_1}?permanent=true")).status_code == 204
    assert column(await owner.get(TRASH), "key") == []
    assert problem(await owner.post(f"{WEB_1}/restore")) == (404, "not_found")
    assert await tables.fetchval("SELECT count(*) FROM tasks WHERE id = $1", UUID(task["id"])) == 0


async def test_the_change_log_remembers_what_is_gone(
    task: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    await owner.delete(f"{WEB_1}?permanent=true")
    created, purged = await entries(tables, task["id"])
    assert (created.kind, purged.kind, purged.actor_id) == ("task.created", "task.purged", web.owner.id)
    assert purged.changes == {field: [value, None] for field, value in task.items()}


async def test_a_number_is_not_given_again(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    await owner.delete(f"{WEB_1}?permanent=true")
    assert (await owner.post("/api/v1/projects/WEB/tasks", json={"title": "T"})).json()["key"] == "WEB-2"


async def test_subtasks_of_a_task_that_is_gone_stand_on_their_own(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    parent = await make.task(web)
    child = await make.task(web, parent_id=parent["id"])
    await owner.delete(f"{WEB_1}?permanent=true")
    assert (await owner.get("/api/v1/tasks/WEB-2")).json()["parent_id"] is None
    assert (await entries(tables, child["id"]))[-1].changes == {"parent_id": [parent["id"], None]}


async def test_an_editor_may_delete_but_not_for_good(
    task: dict[str, Any], web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    refused = await editor.delete(f"{WEB_1}?permanent=true")
    assert problem(refused) == (403, "forbidden")
    assert "task:purge" in refused.json()["detail"]
    assert (await editor.delete(WEB_1)).status_code == 204


async def test_a_flag_that_is_none_is_refused(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    assert pointers(await owner.delete(f"{WEB_1}?permanent=perhaps")) == ["/query/permanent"]


async def test_after_thirty_days_the_trash_is_emptied(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    old = await make.task(web)
    child = await make.task(web, parent_id=old["id"])
    recent = await make.task(web)
    for key in ("WEB-1", "WEB-3"):
        await owner.delete(f"/api/v1/tasks/{key}")
    await owner.post("/api/v1/tasks/WEB-2/restore")
    await tables.execute("UPDATE tasks SET deleted_at = now() - interval '31 days' WHERE id = $1", UUID(old["id"]))
    await sweep(make.app, "trashed_tasks")
    assert column(await owner.get(TRASH), "id") == [recent["id"]]
    assert (await owner.get("/api/v1/tasks/WEB-2")).json()["parent_id"] is None
    assert (await kinds(tables, old["id"]))[-1] == "task.purged"
    assert (await entries(tables, child["id"]))[-1].actor_id is None
