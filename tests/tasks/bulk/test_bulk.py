"""One change of many tasks: of all or of none, by the rules of a PATCH, in statements that do not grow with them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem
from tests.support.beside_tasks import require_true
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

BULK = "/api/v1/tasks/bulk"


@pytest.fixture
async def ids(web: MadeProject, make: Factory) -> list[str]:
    return [(await make.task(web, title))["id"] for title in ("One", "Two", "Three")]


async def bulk(client: httpx.AsyncClient, ids: list[str], **patch: Any) -> httpx.Response:
    return await client.post(BULK, json={"ids": ids, "patch": patch})


async def read(client: httpx.AsyncClient, ids: list[str], field: str) -> list[Any]:
    return [(await client.get(f"/api/v1/tasks/{task_id}")).json()[field] for task_id in ids]


async def test_all_tasks_change_alike_in_one_batch(
    web: MadeProject, owner: httpx.AsyncClient, ids: list[str], tables: Any
) -> None:
    await owner.patch("/api/v1/tasks/WEB-2", json={"priority": "high"})
    answer = await bulk(owner, ids, priority="high")
    assert answer.json() == {"matched": 3, "changed": 2, "task_ids": sorted([ids[0], ids[2]])}
    assert await read(owner, ids, "priority") == ["high"] * 3
    assert await read(owner, ids, "version") == [2, 2, 2]
    last = await tables.fetch("SELECT batch_id, kind, changes::text FROM events ORDER BY seq DESC LIMIT 2")
    assert {tuple(event)[1:] for event in last} == {("task.updated", '{"priority": ["none", "high"]}')}
    assert len({event["batch_id"] for event in last}) == 1


async def test_what_follows_from_a_change_follows_for_each(
    web: MadeProject, owner: httpx.AsyncClient, ids: list[str], tables: Any
) -> None:
    await owner.post("/api/v1/tasks/WEB-1/complete")
    await owner.patch("/api/v1/tasks/WEB-2", json={"due_on": "2026-12-24"})
    completed = await read(owner, ids[:1], "completed_at")
    await bulk(owner, ids, status="cancelled", due_at="2026-12-01T08:00:00Z")
    assert await read(owner, ids, "status_category") == ["cancelled"] * 3
    assert await read(owner, ids, "due_on") == [None] * 3
    assert (await read(owner, ids, "completed_at"))[0] == completed[0]
    assert all(await read(owner, ids, "completed_at"))
    kinds = await tables.fetch("SELECT kind FROM events WHERE subject_type = 'task' ORDER BY seq DESC LIMIT 3")
    assert sorted(row["kind"] for row in kinds) == ["task.completed", "task.completed", "task.updated"]
    await require_true(tables)


async def test_people_are_added_and_taken_off(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, ids: list[str]
) -> None:
    ana, ben, eve = [str((await make.member(web, ProjectRole.VIEWER)).id) for _ in range(3)]
    await owner.patch("/api/v1/tasks/WEB-1", json={"assignee_ids": [ana, ben]})
    await owner.patch("/api/v1/tasks/WEB-2", json={"assignee_ids": [eve]})
    answer = await bulk(owner, ids, add_assignee_ids=[eve], remove_assignee_ids=[ana], priority="low")
    assert answer.json()["changed"] == 3
    assert await read(owner, ids, "assignee_ids") == [[ben, eve], [eve], [eve]]
    assert await read(owner, ids, "priority") == ["low"] * 3
    assert (await bulk(owner, ids, remove_assignee_ids=[eve])).json()["changed"] == 3
    assert await read(owner, ids, "assignee_ids") == [[ben], [], []]


async def test_a_task_has_fifty_assignees_at_most(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, ids: list[str], tables: Any
) -> None:
    many = [uuid4() for _ in range(50)]
    await tables.execute("UPDATE tasks SET assignee_ids = $1 WHERE id = $2", many, ids[1])
    refused = await bulk(owner, ids, add_assignee_ids=[str(web.owner.id)])
    assert problem(refused) == (422, "too_many_assignees")
    assert (refused.json()["task_ids"], refused.json()["errors"][0]["pointer"]) == ([ids[1]], "/patch/add_assignee_ids")
    assert await read(owner, ids, "assignee_ids") == [[], [str(user) for user in many], []]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"ids": [], "patch": {}}, ("", "value_error")),
        ({"ids": [str(uuid4()) for _ in range(1001)], "patch": {}}, ("/ids", "too_long")),
        ({"ids": ["WEB-1"], "patch": {}}, ("/ids/0", "uuid_parsing")),
        ({"ids": [str(uuid4())]}, ("/patch", "missing")),
        ({"patch": {}}, ("", "value_error")),
        ({"ids": [str(uuid4())], "patch": {"number": 7}}, ("/patch/number", "extra_forbidden")),
        ({"ids": [str(uuid4())], "patch": {"title": None}}, ("/patch/title", "string_type")),
        (
            {"ids": [str(uuid4())], "patch": {"assignee_ids": [], "add_assignee_ids": [str(uuid4())]}},
            ("/patch", "value_error"),
        ),
        (
            {
                "ids": [str(uuid4())],
                "patch": {f"{verb}_assignee_ids": [str(UUID(int=1))] for verb in ("add", "remove")},
            },
            ("/patch", "value_error"),
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(
    body: dict[str, Any], told: tuple[str, str], web: MadeProject, owner: httpx.AsyncClient
) -> None:
    assert faults(await owner.post(BULK, json=body)) == [told]


async def test_what_a_project_lacks_is_refused_with_a_task_that_needs_it(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, ids: list[str]
) -> None:
    other = await make.project(web.owner, "OTHER")
    await owner.post("/api/v1/projects/WEB/statuses", json={"key": "review", "name": "R", "category": "started"})
    far = await make.task(other)
    refused = await bulk(owner, [*ids, far["id"]], status="review")
    assert faults(refused) == [("/patch/status", "unknown_status")]
    assert refused.json()["task_ids"] == [far["id"]]
    stranger = str((await make.user()).id)
    assert faults(await bulk(owner, ids, add_assignee_ids=[stranger])) == [
        ("/patch/add_assignee_ids/0", "unknown_assignee")
    ]
    assert faults(await bulk(owner, ids, assignee_ids=[stranger])) == [("/patch/assignee_ids/0", "unknown_assignee")]
    assert faults(await bulk(owner, ids, parent_id=far["id"])) == [("/patch/parent_id", "unknown_parent")]
    assert problem(await bulk(owner, ids, parent_id=ids[1])) == (409, "parent_cycle")
    assert await read(owner, ids, "version") == [1, 1, 1]


async def test_what_cannot_be_found_refuses_the_whole(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, ids: list[str]
) -> None:
    foreign = (await make.task(await make.project()))["id"]
    await owner.delete("/api/v1/tasks/WEB-3")
    told = []
    for missing in (foreign, str(uuid4())):
        refused = await bulk(owner, [ids[0], missing, *ids[1:]], priority="low")
        assert problem(refused) == (404, "not_found")
        told.append({**refused.json(), "request_id": ""})
    assert told[0] == told[1]
    assert told[0]["pointers"] == ["/ids/1", "/ids/3"]
    many = await bulk(owner, [str(uuid4()) for _ in range(30)], priority="low")
    assert len(many.json()["pointers"]) == 20
    assert await read(owner, ids[:2], "version") == [1, 1]


async def test_what_may_not_be_written_refuses_the_whole(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, ids: list[str]
) -> None:
    viewer = await make.member(web, ProjectRole.VIEWER)
    own = await make.task(await make.project(viewer))
    refused = await bulk(client_for(viewer), [own["id"], *ids], priority="low")
    assert problem(refused) == (403, "forbidden")
    assert sorted(refused.json()["task_ids"]) == sorted(ids)
    assert "task:write" in refused.json()["detail"]
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    archived = await bulk(owner, ids, priority="low")
    assert problem(archived) == (409, "project_archived")
    assert sorted(archived.json()["task_ids"]) == sorted(ids)


async def test_an_administrator_changes_tasks_of_others_and_the_log_tells_of_it(
    web: MadeProject, make: Factory, client_for: ClientFor, ids: list[str], tables: Any
) -> None:
    root = await make.user("root", admin=True)
    own = await make.task(await make.project(root))
    answer = await bulk(client_for(root), [own["id"], *ids], priority="low")
    assert answer.json()["changed"] == 4
    looks = await tables.fetch("SELECT project_id FROM events WHERE kind = 'admin.access'")
    assert [row["project_id"] for row in looks] == [web.id]


async def test_a_dry_run_counts_and_does_nothing(web: MadeProject, owner: httpx.AsyncClient, ids: list[str]) -> None:
    body = {"ids": [*ids, ids[0]], "patch": {"priority": "low"}}
    tried = await owner.post(BULK, json=body, headers={"Prefer": "validate-only"})
    assert (tried.json()["matched"], tried.json()["changed"]) == (3, 3)
    assert await read(owner, ids, "version") == [1, 1, 1]


async def test_many_tasks_take_no_statement_for_each(
    web: MadeProject, owner: httpx.AsyncClient, ids: list[str], tables: Any, count_statements: Counting
) -> None:
    await tables.execute("UPDATE project_counters SET last_number = 250")
    await tables.execute(
        "INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at,"
        " updated_at) SELECT gen_random_uuid(), project_id, n, title, status, status_category,"
        " lpad(n::text, 10, '0'), created_by, created_at, updated_at FROM tasks, generate_series(4, 250) AS n"
        " WHERE number = 1"
    )
    every = [str(row["id"]) for row in await tables.fetch("SELECT id FROM tasks")]
    async with count_statements() as seen:
        answer = await bulk(owner, every, status="done", priority="low")
    assert (answer.json()["matched"], answer.json()["changed"]) == (250, 250)
    assert len(seen) < 20
    await require_true(tables)


@pytest.mark.slow
async def test_changes_of_the_same_tasks_at_once_all_succeed(live: Factory) -> None:
    """Tasks are locked in the order of their ids, whatever the order of the request."""
    project = await live.project(key="WEB")
    ids = [(await live.task(project))["id"] for _ in range(20)]
    async with live.client(project.owner) as client:
        patches: list[dict[str, Any]] = [{"title": "A"}, {"priority": "low"}, {"estimate": 3}, {"status": "done"}]
        answers = await asyncio.gather(
            *(bulk(client, ids[::step], **patch) for step, patch in zip((1, -1, 1, -1), patches, strict=True))
        )
        assert [answer.json()["changed"] for answer in answers] == [20] * 4
        assert await read(client, ids, "version") == [5] * 20
