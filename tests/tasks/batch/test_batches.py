"""Many operations in one request: in order, all or nothing or each by itself, and no right more than one by one."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support import databases
from tests.support.answers import faults, problem
from tests.support.factory import Factory, MadeProject

BATCH = "/api/v1/tasks/batch"
WEB_1 = "/api/v1/tasks/WEB-1"


def create(title: str = "New", **fields: Any) -> dict[str, Any]:
    return {"op": "create", "project": "WEB", "title": title, **fields}


async def send(client: httpx.AsyncClient, *operations: dict[str, Any], **more: Any) -> httpx.Response:
    return await client.post(BATCH, json={"operations": operations, **more})


async def statuses(client: httpx.AsyncClient, *operations: dict[str, Any], atomic: bool = False) -> list[int]:
    answer = await send(client, *operations, atomic=atomic)
    assert answer.status_code == 200, answer.text
    return [result["status"] for result in answer.json()["results"]]


async def test_every_operation_does_what_its_request_would(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    for title in ("One", "Two", "Three"):
        await make.task(web, title)
    answer = await send(
        owner,
        create("Parent", priority="high"),
        create("Child", parent_id="$0.id", assignee_ids=[str(web.owner.id)]),
        {"op": "update", "task": "$1.key", "title": "Grandchild", "estimate": None},
        {"op": "move", "task": "WEB-1", "status": "in_progress", "after": "$0.id"},
        {"op": "complete", "task": "WEB-2"},
        {"op": "reopen", "task": "WEB-2"},
        {"op": "delete", "task": "WEB-3"},
        {"op": "restore", "task": "WEB-3"},
        {"op": "delete", "task": "WEB-2", "permanent": True},
    )
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201, 201, 200, 200, 200, 200, 204, 200, 204]
    assert results[6]["body"] is results[8]["body"] is None
    parent, child = results[0]["body"], results[2]["body"]
    assert (child["parent_id"], child["title"], child["version"]) == (parent["id"], "Grandchild", 2)
    assert results[3]["body"]["rank"] > parent["rank"]
    for result in (results[0], results[2], results[3], results[7]):
        assert (await owner.get(f"/api/v1/tasks/{result['body']['id']}")).json() == result["body"]
    assert (await owner.get("/api/v1/tasks/WEB-2")).status_code == 404
    batches = await tables.fetch("SELECT DISTINCT batch_id FROM events WHERE batch_id IN (SELECT batch_id FROM events"
                                 " WHERE subject_id = $1) OR kind = 'task.purged'", parent["id"])  # fmt: skip
    assert len(batches) == 1


async def test_of_an_atomic_batch_the_first_failure_is_the_answer_and_nothing_is_done(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    before = await tables.fetchval("SELECT count(*) FROM events")
    for operation, told in (
        ({"op": "complete", "task": "WEB-99"}, (404, "not_found")),
        ({"op": "restore", "task": "WEB-1"}, (409, "not_in_trash")),
        ({"op": "update", "task": "WEB-1", "parent_id": task["id"]}, (409, "parent_cycle")),
        ({"op": "update", "task": "WEB-1", "title": "B", "if_match": 7}, (412, "precondition_failed")),
        (create(id=task["id"]), (409, "id_taken")),
    ):
        refused = await send(owner, create(), operation, create())
        assert problem(refused) == told
        assert refused.json()["index"] == 1
    assert await tables.fetchval("SELECT count(*) FROM events") == before
    assert (await owner.get(WEB_1)).json() == task
    assert (await owner.get("/api/v1/tasks/WEB-2")).status_code == 404


async def test_what_is_wrong_within_an_operation_is_pointed_at_from_the_whole(
    web: MadeProject, owner: httpx.AsyncClient
) -> None:
    wrong = create(assignee_ids=[str(uuid4())])
    told = [("/operations/1/assignee_ids/0", "unknown_assignee")]
    assert faults(await send(owner, create(), wrong)) == told
    result = (await send(owner, create(), wrong, atomic=False)).json()["results"][1]
    assert (result["status"], result["body"]["code"], result["body"]["index"]) == (422, "validation_error", 1)
    assert [(fault["pointer"], fault["code"]) for fault in result["body"]["errors"]] == told


async def test_without_atomic_each_operation_stands_for_itself(web: MadeProject, owner: httpx.AsyncClient) -> None:
    answer = await send(
        owner,
        create("One"),
        {"op": "complete", "task": "WEB-99"},
        {"op": "update", "task": "$1.id", "title": "Never"},
        {"op": "update", "task": "$0.id", "title": "Uno", "status": "nonsense"},
        {"op": "complete", "task": "$0.id"},
        atomic=False,
    )
    results = answer.json()["results"]
    codes = [result["body"].get("code") for result in results]
    assert [result["status"] for result in results] == [201, 404, 409, 422, 200]
    assert codes == [None, "not_found", "reference_failed", "validation_error", None]
    assert results[1]["body"]["instance"] == BATCH
    assert results[1]["body"]["request_id"] == answer.headers["x-request-id"]
    kept = (await owner.get(WEB_1)).json()
    assert (kept["title"], kept["status"], kept["version"]) == ("One", "done", 2)


async def test_a_refused_operation_leaves_nothing_of_itself(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    """Its subtasks had been sent away by the time that the move was refused."""
    other = await make.project(web.owner, "OTHER")
    parent = await make.task(web, "Parent")
    child = await make.task(web, "Child", parent_id=parent["id"])
    move = {"op": "move", "task": "WEB-1", "project": "OTHER", "after": "OTHER-9"}
    assert await statuses(owner, move, create()) == [422, 201]
    assert (await owner.get("/api/v1/tasks/WEB-2")).json() == child
    assert await tables.fetchval("SELECT count(*) FROM events WHERE kind = 'task.left'") == 0
    assert await tables.fetchval("SELECT last_number FROM project_counters WHERE project_id = $1", other.id) == 0


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ({"op": "complete", "task": "$1.id"}, ("/operations/1/task", "unknown_result")),
        ({"op": "complete", "task": "$7.id"}, ("/operations/1/task", "unknown_result")),
        (create(parent_id="$1.id"), ("/operations/1/parent_id", "unknown_result")),
        ({"op": "move", "task": "WEB-1", "after": "$2.key"}, ("/operations/1/after", "unknown_result")),
        ({"op": "complete", "task": "$0.title"}, ("/operations/1/task", "value_error")),
        ({"op": "complete", "task": "$00.id"}, ("/operations/1/task", "value_error")),
        (create(parent_id="$0.key"), ("/operations/1/parent_id", "value_error")),
        (create(parent_id=7), ("/operations/1/parent_id", "value_error")),
        (create(title=""), ("/operations/1/title", "string_too_short")),
        (create(due_on="2026-01-01", due_at="2026-01-01T00:00:00Z"), ("/operations/1", "value_error")),
        (create(label="x"), ("/operations/1/label", "extra_forbidden")),
        ({"op": "create", "title": "T"}, ("/operations/1/project", "missing")),
        ({"op": "complete", "task": "WEB-1", "project": "WEB"}, ("/operations/1/project", "extra_forbidden")),
        ({"op": "purge", "task": "WEB-1"}, ("/operations/1", "union_tag_invalid")),
        ({"task": "WEB-1"}, ("/operations/1", "union_tag_not_found")),
    ],
)
async def test_a_batch_that_makes_no_sense_is_refused_before_anything_is_looked_up(
    operation: dict[str, Any], told: tuple[str, str], web: MadeProject, owner: httpx.AsyncClient
) -> None:
    assert faults(await send(owner, create(), operation, atomic=False)) == [told]


async def test_a_deletion_answers_nothing_to_refer_to(web: MadeProject, owner: httpx.AsyncClient) -> None:
    refused = await send(owner, create(), {"op": "delete", "task": "$0.id"}, {"op": "restore", "task": "$1.id"})
    assert faults(refused) == [("/operations/2/task", "unknown_result")]


async def test_a_text_that_looks_like_a_reference_is_a_text(web: MadeProject, owner: httpx.AsyncClient) -> None:
    answer = await send(owner, create("$0.id", description="$9.key"))
    assert answer.json()["results"][0]["body"]["title"] == "$0.id"


async def test_a_batch_has_one_to_a_hundred_operations(web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert faults(await send(owner)) == [("/operations", "too_short")]
    assert faults(await send(owner, *[create()] * 101)) == [("/operations", "too_long")]
    answer = await send(owner, *[create(parent_id=None if n == 0 else f"${n - 1}.id") for n in range(5)] * 20)
    assert len(answer.json()["results"]) == 100


async def test_if_match_takes_a_tag_or_a_version(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    change = {"op": "update", "task": "WEB-1", "title": "A"}
    assert await statuses(owner, {**change, "if_match": '"1"'}) == [200]
    again = [{**change, "title": str(tag), "if_match": tag} for tag in ('"1"', 2, "3", '"4-0badf00d"', "*")]
    answer = await send(owner, *again, atomic=False)
    assert [result["status"] for result in answer.json()["results"]] == [412, 200, 200, 200, 200]
    assert answer.json()["results"][0]["body"]["current"]["version"] == 2


async def test_a_batch_gives_no_right_more(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    hidden = await make.task(await make.project(key="FAR"))
    await make.task(web)
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    purge = {"op": "delete", "task": "WEB-1", "permanent": True}
    for foreign in (hidden["id"], hidden["key"], str(uuid4())):
        assert await statuses(editor, {"op": "complete", "task": foreign}) == [404]
        assert (await send(editor, create(), {"op": "update", "task": foreign, "title": "T"})).status_code == 404
    assert await statuses(editor, create(parent_id=hidden["id"]), {**create(), "project": "FAR"}) == [422, 404]
    assert await statuses(viewer, create(), {"op": "complete", "task": "WEB-1"}, purge) == [403, 403, 403]
    assert problem(await send(editor, purge)) == (403, "forbidden")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await send(owner, {"op": "complete", "task": "WEB-1"})) == (409, "project_archived")


async def test_a_dry_run_answers_everything_and_does_nothing(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    body = {"operations": [create("One"), {"op": "complete", "task": "$0.id"}]}
    tried = await owner.post(BATCH, json=body, headers={"Prefer": "validate-only"})
    assert (tried.status_code, tried.headers["preference-applied"]) == (200, "validate-only")
    assert [result["body"]["key"] for result in tried.json()["results"]] == ["WEB-1", "WEB-1"]
    assert (await owner.get(WEB_1)).status_code == 404


@pytest.mark.parametrize("atomic", [True, False])
async def test_the_whole_is_repeated_by_its_key(atomic: bool, web: MadeProject, owner: httpx.AsyncClient) -> None:
    key, body = {"Idempotency-Key": f"batch-{atomic}"}, {"atomic": atomic, "operations": [create("Once")]}
    first = await owner.post(BATCH, json=body, headers=key)
    again = await owner.post(BATCH, json=body, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    other = await owner.post(BATCH, json={**body, "operations": [create("Twice")]}, headers=key)
    assert problem(other) == (422, "idempotency_key_reused")
    assert (await owner.get("/api/v1/tasks/WEB-2")).status_code == 404


async def test_ids_of_clients_can_be_named_at_once(web: MadeProject, owner: httpx.AsyncClient) -> None:
    task_id = str(new_id())
    assert await statuses(owner, create(id=task_id), {"op": "complete", "task": task_id}, create(id=task_id)) == [
        *(201, 200, 409)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("atomic", [True, False])
async def test_two_batches_in_opposite_order_both_succeed(atomic: bool, live: Factory) -> None:
    """What they name is locked in one order, whatever theirs; without that each stops the other again and again."""
    project = await live.project(key="WEB")
    keys = [(await live.task(project))["key"] for _ in range(12)]
    async with live.client(project.owner) as one, live.client(project.owner) as other:
        answers = await asyncio.gather(
            *(
                send(client, *({"op": "update", "task": key, "title": name} for key in order), atomic=atomic)
                for client, name, order in ((one, "One", keys), (other, "Other", keys[::-1]))
            )
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        assert all(result["status"] == 200 for answer in answers for result in answer.json()["results"])
        titles = {(await one.get(f"/api/v1/tasks/{key}")).json()["title"] for key in keys}
    assert len(titles) == 1


@pytest.mark.slow
async def test_a_batch_waits_for_no_task_that_it_does_not_name(live: Factory, database_url: str) -> None:
    """Not for those of the same numbers elsewhere, and not for what its caller does not see."""
    web, app = await live.project(key="WEB"), await live.project(key="APP")
    for project in (web, web, app, app):
        await live.task(project)
    mine = await live.project(web.owner, key="MINE")
    await live.task(mine)
    await live.member(app, ProjectRole.EDITOR, web.owner)
    hidden = await live.task(await live.project(key="AWAY"))
    holder = await databases.connect(database_url)
    transaction = holder.transaction()
    await transaction.start()
    held = await holder.fetch(
        "SELECT FROM tasks JOIN projects p ON p.id = project_id"
        " WHERE (p.key, number) NOT IN (('WEB', 1), ('APP', 2)) FOR UPDATE OF tasks"
    )
    async with live.client(web.owner) as client:
        names = ("WEB-1", "APP-2", hidden["id"])
        told = await statuses(client, *({"op": "complete", "task": name} for name in names))
    await transaction.rollback()
    await holder.close()
    assert (len(held), told) == (4, [200, 200, 404])
