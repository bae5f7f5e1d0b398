"""POST /changes/batches/{batch_id}/revert: all that happened in one step is taken back, or nothing."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.changes.lives import all_tasks, call, ok
from tests.changes.reverting.undoing import last, revert_batch
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject

WEB, WEB_1 = "/projects/WEB", "/tasks/WEB-1"


@pytest.fixture(autouse=True)
async def tasks(make: Factory, web: MadeProject) -> list[dict[str, Any]]:
    """One, with one below it, and one below that."""
    found: list[dict[str, Any]] = []
    for title in ("One", "Two", "Three"):
        found.append(await make.task(web, title, parent_id=found[-1]["id"] if found else None))
    return found


async def state(make: Factory) -> dict[str, Any]:
    bookkeeping = {"updated_at", "version"}
    return {
        body["key"]: {name: value for name, value in body.items() if name not in bookkeeping}
        for body in (await all_tasks(make)).values()
    }


async def refused(client: httpx.AsyncClient, change: dict[str, Any]) -> httpx.Response:
    return await call(client, "POST", f"/changes/batches/{change['batch_id']}/revert")


async def test_a_bulk_change_is_taken_back_and_made_again(
    make: Factory, owner: httpx.AsyncClient, tasks: list[dict[str, Any]]
) -> None:
    before = await state(make)
    ids = [task["id"] for task in tasks]
    await ok(owner, "POST", "/tasks/bulk", {"ids": ids, "patch": {"status": "done", "priority": "high"}})
    after = await state(make)
    made = await revert_batch(owner, await last(owner, WEB_1))
    assert [change["kind"] for change in made] == ["task.reopened"] * 3
    assert len({change["batch_id"] for change in made}) == 1
    assert await state(make) == before
    await revert_batch(owner, made[0])
    assert await state(make) == after


async def test_it_is_all_or_nothing(make: Factory, owner: httpx.AsyncClient, tasks: list[dict[str, Any]]) -> None:
    ids = [task["id"] for task in tasks]
    await ok(owner, "POST", "/tasks/bulk", {"ids": ids, "patch": {"priority": "high"}})
    change = await last(owner, WEB_1)
    await ok(owner, "PATCH", WEB_1, {"priority": "low"})
    before = await state(make)
    answer = await refused(owner, change)
    assert problem(answer) == (409, "changed_since")
    assert [later["fields"] for later in answer.json()["changes"]] == [["priority"]]
    assert await state(make) == before


async def test_of_two_at_once_one_wins(live: Factory) -> None:
    web = await live.project(key="WEB")
    ids = [(await live.task(web))["id"] for _ in range(5)]
    owner = live.client(web.owner)
    await ok(owner, "POST", "/tasks/bulk", {"ids": ids, "patch": {"priority": "high"}})
    change = await last(owner, WEB_1)
    answers = await asyncio.gather(*(refused(owner, change) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert {task["priority"] for task in (await all_tasks(live)).values()} == {"none"}


async def test_what_went_to_the_trash_together_comes_back_together(make: Factory, owner: httpx.AsyncClient) -> None:
    before = await state(make)
    await ok(owner, "DELETE", WEB_1)
    made = await revert_batch(owner, await last(owner, WEB, "task.deleted"))
    assert {change["kind"] for change in made} == {"task.restored"}
    assert await state(make) == before
    await revert_batch(owner, made[0])
    assert {body["deleted_at"] is None for body in (await state(make)).values()} == {False}
    await ok(owner, "POST", f"{WEB_1}/restore")
    assert await state(make) == before


async def test_a_label_that_was_removed_comes_back_with_its_tasks(make: Factory, owner: httpx.AsyncClient) -> None:
    label = await ok(owner, "POST", f"{WEB}/labels", {"name": "bug", "color": "#d73a4a"})
    for number in (1, 2):
        await ok(owner, "PATCH", f"/tasks/WEB-{number}", {"label_ids": [label["id"]]})
    before = await state(make)
    await ok(owner, "DELETE", f"{WEB}/labels/{label['id']}")
    await revert_batch(owner, await last(owner, WEB, "label.deleted"))
    assert await state(make) == before


async def test_a_status_that_was_removed_comes_back_to_its_place_with_its_tasks(
    make: Factory, owner: httpx.AsyncClient
) -> None:
    columns = (await ok(owner, "GET", f"{WEB}/statuses"))["items"]
    before = await state(make)
    todo = next(column for column in columns if column["key"] == "todo")
    await ok(owner, "DELETE", f"{WEB}/statuses/{todo['id']}?move_to=backlog")
    await revert_batch(owner, await last(owner, WEB, "status.deleted"))
    assert await state(make) == before
    there = (await ok(owner, "GET", f"{WEB}/statuses"))["items"]
    assert [(column["id"], column["position"]) for column in there] == [
        (column["id"], column["position"]) for column in columns
    ]


async def test_an_order_is_what_it_was(owner: httpx.AsyncClient) -> None:
    for text in ("a", "b", "c", "d"):
        await ok(owner, "POST", f"{WEB_1}/checklist", {"text": text})

    async def texts() -> list[str]:
        return [item["text"] for item in (await ok(owner, "GET", f"{WEB_1}/checklist"))["items"]]

    items = (await ok(owner, "GET", f"{WEB_1}/checklist"))["items"]
    for method, body in (("PATCH", {"position": 0}), ("PATCH", {"position": 1, "done": True}), ("DELETE", None)):
        before = await texts()
        await ok(owner, method, f"{WEB_1}/checklist/{items[2]['id']}", body)
        assert await texts() != before
        await revert_batch(owner, await last(owner, WEB_1))
        assert await texts() == before


async def test_a_task_that_came_again_goes_and_the_one_before_it_is_open(
    make: Factory, owner: httpx.AsyncClient
) -> None:
    await ok(owner, "POST", f"{WEB_1}/checklist", {"text": "Item"})
    await ok(owner, "POST", f"{WEB_1}/reminders", {"minutes_before": 30})
    await ok(owner, "PUT", f"{WEB_1}/recurrence", {"rule": "FREQ=DAILY", "mode": "schedule"})
    before = await state(make)
    await ok(owner, "POST", f"{WEB_1}/complete")
    await revert_batch(owner, await last(owner, WEB_1, "task.completed"))
    after = await state(make)
    assert after.pop("WEB-4")["deleted_at"] is not None
    assert after == before


async def test_a_comment_and_the_reactions_to_it(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, web: MadeProject
) -> None:
    """What others put under it does not come back in their name."""
    comment = await ok(owner, "POST", f"{WEB_1}/comments", {"body": "Hello"})
    path = f"{WEB_1}/comments/{comment['id']}"
    other = client_for(await make.member(web, ProjectRole.COMMENTER))
    await ok(other, "PUT", f"{path}/reactions/%F0%9F%91%8D")
    await ok(owner, "DELETE", path)
    await revert_batch(owner, await last(owner, WEB_1, "comment.deleted"))
    assert (await ok(owner, "GET", path))["reactions"] == []


async def test_what_happened_where_one_is_not_is_not_taken_back(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, web: MadeProject, tasks: list[dict[str, Any]]
) -> None:
    elsewhere = await make.task(await make.project(web.owner, key="APP"))
    ids = [tasks[0]["id"], elsewhere["id"]]
    await ok(owner, "POST", "/tasks/bulk", {"ids": ids, "patch": {"priority": "high"}})
    change = await last(owner, WEB_1)
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    assert problem(await refused(editor, change)) == (409, "not_revertible")
    assert problem(await refused(client_for(await make.user()), change)) == (404, "not_found")
    assert (await ok(owner, "GET", WEB_1))["priority"] == "high"
    await revert_batch(owner, change)
    assert (await ok(owner, "GET", "/tasks/APP-1"))["priority"] == "none"


async def test_a_link_between_two_projects_is_taken_back_once(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await make.task(await make.project(web.owner, key="APP"))
    await ok(owner, "POST", f"{WEB_1}/links", {"type": "blocks", "task_id": "APP-1"})
    made = await revert_batch(owner, await last(owner, WEB_1, "link.created"))
    assert [change["kind"] for change in made] == ["link.deleted"] * 2
    await revert_batch(owner, made[0])
    assert len((await ok(owner, "GET", f"{WEB_1}/links"))["items"]) == 1


async def test_members_are_not_brought_back(make: Factory, owner: httpx.AsyncClient, web: MadeProject) -> None:
    member = await make.member(web, ProjectRole.EDITOR)
    await ok(owner, "PATCH", WEB_1, {"assignee_ids": [str(member.id)]})
    await ok(owner, "DELETE", f"{WEB}/members/{member.id}")
    assert problem(await refused(owner, await last(owner, WEB, "member.removed"))) == (409, "not_revertible")


@pytest.mark.parametrize(
    "batch_id",
    [
        "01a20090-84f9-7635-b43e-3b6998a6647c",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ],
)
async def test_a_batch_that_never_was_is_not_found(owner: httpx.AsyncClient, batch_id: str) -> None:
    assert problem(await refused(owner, {"batch_id": batch_id})) == (404, "not_found")


async def test_more_than_a_thousand_changes_are_not_taken_back_in_one_step(
    owner: httpx.AsyncClient, tables: Any
) -> None:
    await ok(owner, "PATCH", WEB_1, {"priority": "high"})
    change = await last(owner, WEB_1)
    await tables.execute(
        "INSERT INTO events (id, xid, at, actor_kind, project_id, subject_type, subject_id, kind, changes, batch_id)"
        " SELECT (left(id::text, 24) || lpad(to_hex(number), 12, '0'))::uuid, xid, at, actor_kind, project_id,"
        " subject_type, subject_id, kind, changes, batch_id"
        " FROM events, generate_series(1, 1000) AS number WHERE id = $1::text::uuid",
        change["id"],
    )
    assert problem(await refused(owner, change)) == (409, "not_revertible")
