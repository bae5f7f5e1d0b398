"""A checklist is an order of small steps, without gaps; a step can become a subtask."""

import asyncio
from typing import Any

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.core.ids import new_id
from tests.support.answers import column, faults, pointers, problem, walk
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject

ITEMS = "/api/v1/tasks/WEB-1/checklist"


@pytest.fixture
async def task(web: MadeProject, make: Factory) -> dict[str, Any]:
    return await make.task(web)


async def add(client: httpx.AsyncClient, text: str, **more: Any) -> dict[str, Any]:
    made = await client.post(ITEMS, json={"text": text, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def order(client: httpx.AsyncClient) -> str:
    items = (await client.get(ITEMS)).json()["items"]
    assert [item["position"] for item in items] == list(range(len(items)))
    return "".join(item["text"] for item in items)


async def test_an_item_is_made_and_read(
    task: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    made = await owner.post("/api/v1/tasks/WEB-1/checklist", json={"text": " Look twice "})
    item = made.json()
    assert item == {
        "id": item["id"],
        "task_id": task["id"],
        "text": "Look twice",
        "done": False,
        "position": 0,
        "created_at": IsDatetime(iso_string=True),
        "version": 1,
    }
    assert (made.headers["location"], made.headers["etag"]) == (f"{ITEMS}/{item['id']}", '"1"')
    assert (await owner.get(made.headers["location"])).json() == item
    [created] = await entries(tables, item["id"])
    assert (created.kind, created.project_id, created.subject_key) == ("checklist_item.created", web.id, "WEB-1")
    assert created.changes == {name: [None, value] for name, value in item.items()}
    assert (await owner.get("/api/v1/tasks/WEB-1")).json() == task


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": "x" * 501}, "/text"),
        ({"text": "x", "done": "yes"}, "/done"),
        ({"text": "x", "done": None}, "/done"),
        ({"text": "x", "position": 200}, "/position"),
        ({"text": "x", "position": -1}, "/position"),
        ({"text": "x", "task_id": str(new_id())}, "/task_id"),
    ],
)
async def test_what_is_wrong_is_pointed_at(
    body: dict[str, Any], pointer: str, task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    assert pointers(await owner.post(ITEMS, json=body)) == [pointer]


async def test_positions_have_no_gaps(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    a, b = await add(owner, "a"), await add(owner, "b")
    await add(owner, "c", position=0)
    await add(owner, "d", position=150)
    assert await order(owner) == "cabd"
    assert (await owner.patch(f"{ITEMS}/{b['id']}", json={"position": 0})).json()["position"] == 0
    assert await order(owner) == "bcad"
    assert (await owner.patch(f"{ITEMS}/{b['id']}", json={"position": 199})).json()["position"] == 3
    assert await order(owner) == "cadb"
    assert (await owner.delete(f"{ITEMS}/{a['id']}")).status_code == 204
    assert await order(owner) == "cdb"
    assert [item["text"] for item in await walk(owner, ITEMS, limit=1)] == ["c", "d", "b"]


async def test_ticking_off_changes_that_row_alone(task: dict[str, Any], owner: httpx.AsyncClient, tables: Any) -> None:
    a, b = await add(owner, "a"), await add(owner, "b")
    path = f"{ITEMS}/{a['id']}"
    done = await owner.patch(path, json={"done": True}, headers={"If-Match": '"1"'})
    assert done.json() == {**a, "done": True, "version": 2}
    assert (await owner.patch(path, json={"done": True, "position": 0})).json() == done.json()
    assert problem(await owner.patch(path, json={"text": "x"}, headers={"If-Match": '"1"'})) == (
        412,
        "precondition_failed",
    )
    assert (await entries(tables, a["id"]))[-1].changes == {"done": [False, True]}
    assert await kinds(tables, b["id"]) == ["checklist_item.created"]
    expanded = (await owner.get("/api/v1/tasks/WEB-1?expand=checklist")).json()
    assert expanded["checklist"] == {"total": 2, "done": 1}


async def test_the_two_hundred_and_first_is_refused(
    task: dict[str, Any], owner: httpx.AsyncClient, tables: Any
) -> None:
    await tables.execute(
        "INSERT INTO checklist_items (id, task_id, text, position, created_at)"
        " SELECT gen_random_uuid(), id, 'Step', n, now() FROM tasks, generate_series(0, 198) AS n"
    )
    await add(owner, "the last", position=0)
    assert problem(await owner.post(ITEMS, json={"text": "one more"})) == (409, "checklist_full")


async def test_an_item_becomes_a_subtask(task: dict[str, Any], owner: httpx.AsyncClient, tables: Any) -> None:
    await add(owner, "a")
    item, done = await add(owner, "b"), await add(owner, "c", done=True)
    made = await owner.post(f"{ITEMS}/{item['id']}/convert")
    subtask = made.json()
    assert (made.status_code, subtask["title"], subtask["parent_id"]) == (201, "b", task["id"])
    assert (made.headers["location"], subtask["status"]) == (f"/api/v1/tasks/{subtask['id']}", "todo")
    assert await order(owner) == "ac"
    finished = (await owner.post(f"{ITEMS}/{done['id']}/convert")).json()
    assert (finished["status"], finished["completed_at"] is not None) == ("done", True)
    gone, born = (await entries(tables, item["id"]))[-1], (await entries(tables, subtask["id"]))[0]
    assert (gone.kind, gone.batch_id) == ("checklist_item.deleted", born.batch_id)
    for path in (f"{ITEMS}/{item['id']}", f"{ITEMS}/{item['id']}/convert"):
        answer = await (owner.post(path) if path.endswith("convert") else owner.get(path))
        assert problem(answer) == (404, "not_found")


async def test_an_item_that_cannot_become_a_subtask_stays(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    parent = await make.task(web)
    done = await add(owner, "a", done=True)
    for _ in range(5):
        parent = await make.task(web, parent_id=parent["id"])
    path = f"/api/v1/tasks/{parent['id']}/checklist"
    item = (await owner.post(path, json={"text": "x"})).json()
    assert problem(await owner.post(f"{path}/{item['id']}/convert")) == (409, "too_deep")
    assert column(await owner.get(path), "id") == [item["id"]]
    await tables.execute("DELETE FROM statuses WHERE project_id = $1 AND category = 'done'", web.id)
    assert problem(await owner.post(f"{ITEMS}/{done['id']}/convert")) == (409, "no_such_status")


async def test_an_item_of_another_task_is_not_found(
    task: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    item = await add(owner, "a")
    await make.task(web)
    path = f"/api/v1/tasks/WEB-2/checklist/{item['id']}"
    for answer in (await owner.get(path), await owner.patch(path, json={"done": True}), await owner.delete(path)):
        assert problem(answer) == (404, "not_found")


async def test_it_goes_where_its_task_goes(
    task: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    item = await add(owner, "a")
    await owner.delete("/api/v1/tasks/WEB-1")
    assert problem(await owner.get(ITEMS)) == (404, "not_found")
    await owner.post("/api/v1/tasks/WEB-1/restore")
    other = await make.project(web.owner, "OTHER")
    await owner.post("/api/v1/tasks/WEB-1/move", json={"project": "OTHER"})
    path = f"/api/v1/tasks/OTHER-1/checklist/{item['id']}"
    assert (await owner.patch(path, json={"done": True})).json()["version"] == 2
    assert (await entries(tables, item["id"]))[-1].project_id == other.id
    await owner.patch("/api/v1/projects/OTHER", json={"archived": True})
    for answer in (
        await owner.post("/api/v1/tasks/OTHER-1/checklist", json={"text": "x"}),
        await owner.patch(path, json={"done": False}),
        await owner.post(f"{path}/convert"),
        await owner.delete(path),
    ):
        assert problem(answer) == (409, "project_archived")
    await owner.patch("/api/v1/projects/OTHER", json={"archived": False})
    await owner.delete("/api/v1/tasks/OTHER-1?permanent=true")
    assert await tables.fetchval("SELECT count(*) FROM checklist_items") == 0


async def test_an_id_is_taken_once(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    chosen = str(new_id())
    assert (await add(owner, "a", id=chosen))["id"] == chosen
    assert problem(await owner.post(ITEMS, json={"text": "b", "id": chosen})) == (409, "id_taken")
    assert faults(await owner.patch(f"{ITEMS}/{chosen}", json={"id": chosen})) == [("/id", "extra_forbidden")]


@pytest.mark.slow
async def test_many_at_once_leave_an_order_without_gaps(live: Factory) -> None:
    project = await live.project(key="WEB")
    await live.task(project)
    client = live.client(project.owner)
    items = [await add(client, str(n)) for n in range(6)]
    answers = await asyncio.gather(
        *(client.patch(f"{ITEMS}/{item['id']}", json={"position": 5 - n}) for n, item in enumerate(items)),
        *(client.post(ITEMS, json={"text": "x", "position": 0}) for _ in range(4)),
        client.delete(f"{ITEMS}/{items[0]['id']}"),
        client.post(f"{ITEMS}/{items[1]['id']}/convert"),
    )
    assert all(answer.status_code < 500 for answer in answers)
    assert len(await order(client)) == 8
    await client.aclose()


async def test_the_next_occurrence_has_the_checklist_with_all_still_to_be_done(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, due_on="2026-12-01")
    await owner.put("/api/v1/tasks/WEB-1/recurrence", json={"rule": "FREQ=DAILY"})
    for text in ("a", "b"):
        await owner.post("/api/v1/tasks/WEB-1/checklist", json={"text": text, "done": text == "a"})
    await owner.post("/api/v1/tasks/WEB-1/complete")
    again, done = [
        [(item["text"], item["done"]) for item in (await owner.get(f"/api/v1/tasks/{key}/checklist")).json()["items"]]
        for key in ("WEB-2", "WEB-1")
    ]
    assert (again, done) == ([("a", False), ("b", False)], [("a", True), ("b", False)])


async def test_an_item_becomes_a_subtask_where_tasks_must_have_a_field(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    item = (await owner.post("/api/v1/tasks/WEB-1/checklist", json={"text": "a"})).json()
    field = {"key": "size", "name": "Size", "type": "number", "required": True}
    assert (await owner.post("/api/v1/projects/WEB/fields", json=field)).status_code == 201
    made = await owner.post(f"/api/v1/tasks/WEB-1/checklist/{item['id']}/convert")
    assert (made.status_code, made.json()["fields"]) == (201, {})
