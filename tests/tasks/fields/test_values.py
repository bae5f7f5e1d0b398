"""Values of custom fields: what each type takes, merged by key, required or not, and gone with what they name."""

from typing import Any
from uuid import uuid4

import httpx

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem
from tests.support.beside_tasks import require_true
from tests.support.change_log import entries
from tests.support.custom_fields import add, add_one_of_each
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

TASKS, WEB_1 = "/api/v1/projects/WEB/tasks", "/api/v1/tasks/WEB-1"
# Begin, load, write, tell the log, commit.
_WRITE_OF_A_TASK = 5


async def values(client: httpx.AsyncClient, task: str = "WEB-1") -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/api/v1/tasks/{task}")).json()["fields"]
    return found


async def test_a_task_has_a_value_of_each_type(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    await add_one_of_each(owner)
    given = {
        "a_text": "Some\ntext",
        "a_number": 2.50,
        "a_date": "2026-12-24",
        "a_select": "high",
        "a_multi_select": ["very_high", "low", "low"],
        "a_user": str(web.owner.id).upper(),
        "a_url": "https://example.com/x?y=1",
        "a_checkbox": False,
    }
    stored = {**given, "a_multi_select": ["low", "very_high"], "a_user": str(web.owner.id)}
    made = await owner.post(TASKS, json={"title": "T", "fields": given})
    assert made.json()["fields"] == await values(owner) == stored
    [created] = await entries(tables, made.json()["id"])
    assert created.changes["fields"] == [None, stored]
    await require_true(tables)


_WRONG: tuple[tuple[str, object], ...] = (
    ("a_text", ""),
    ("a_text", 1),
    ("a_text", "x" * 10_001),
    ("a_text", "nul\0"),
    ("a_number", "1"),
    ("a_number", True),
    ("a_number", 1e16),
    ("a_date", "2026-02-30"),
    ("a_date", "24.12.2026"),
    ("a_date", 0),
    ("a_select", "High"),
    ("a_select", ["high"]),
    ("a_multi_select", "high"),
    ("a_multi_select", ["high", "none"]),
    ("a_multi_select", [1]),
    ("a_user", "me"),
    ("a_user", 7),
    ("a_user", "019aa0f0-0000-7000-8000-000000000000"),
    ("a_url", "javascript:alert(1)"),
    ("a_url", "example.com"),
    ("a_url", "https://example.com/" + "x" * 2000),
    ("a_checkbox", "true"),
    ("a_checkbox", 1),
    ("a_text", {"deep": {"er": []}}),
    ("unknown", "x"),
    ("a~b/c", "x"),
)


async def test_a_wrong_value_is_pointed_at_and_nothing_is_written(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await add_one_of_each(owner)
    await make.task(web, fields={"a_text": "as it was"})
    for key, value in _WRONG:
        pointer = "/fields/" + key.replace("~", "~0").replace("/", "~1")
        for refused in (
            await owner.post(TASKS, json={"title": "T", "fields": {key: value}}),
            await owner.patch(WEB_1, json={"title": "T", "fields": {"a_text": "new", key: value}}),
        ):
            assert refused.status_code == 422, (key, value)
            assert [found for found, _ in faults(refused)] == [pointer], (key, value)
    assert (await owner.get(WEB_1)).json()["version"] == 1
    assert len((await owner.get(TASKS)).json()["items"]) == 1


async def test_all_that_is_wrong_is_told_at_once(owner: httpx.AsyncClient) -> None:
    await add_one_of_each(owner)
    refused = await owner.post(TASKS, json={"title": "T", "fields": {"a_number": "1", "nope": 1, "a_checkbox": 3}})
    assert sorted(faults(refused)) == [
        ("/fields/a_checkbox", "invalid_value"),
        ("/fields/a_number", "invalid_value"),
        ("/fields/nope", "unknown_field"),
    ]


async def test_a_patch_merges_and_null_takes_away(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    await add_one_of_each(owner)
    task = await make.task(web, fields={"a_text": "one", "a_number": 1, "a_multi_select": ["low"]})
    body: dict[str, Any] = {"fields": {"a_number": None, "a_date": "2026-12-24", "a_multi_select": []}}
    changed = await owner.patch(WEB_1, json=body)
    assert changed.json()["fields"] == {"a_text": "one", "a_date": "2026-12-24"}
    assert changed.json()["version"] == 2
    same: tuple[dict[str, Any], ...] = (body, {"fields": {}}, {"fields": {"a_text": "one"}})
    for nothing in same:
        assert (await owner.patch(WEB_1, json=nothing)).json()["version"] == 2
    _, updated = await entries(tables, task["id"])
    assert updated.kind == "task.updated"
    assert updated.changes == {"fields": [task["fields"], changed.json()["fields"]]}
    assert (await owner.patch(WEB_1, json={"fields": None})).status_code == 422
    await require_true(tables)


async def test_what_is_required_is_required_of_new_tasks_and_stays(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await make.task(web, "Older")
    await add(owner, "cost", "number", required=True)
    for body in ({"title": "T"}, {"title": "T", "fields": {"cost": None}}, {"title": "T", "fields": {}}):
        assert faults(await owner.post(TASKS, json=body)) == [("/fields/cost", "required")]
    assert (await owner.post(TASKS, json={"title": "T", "fields": {"cost": 0}})).status_code == 201
    assert (await owner.patch(WEB_1, json={"title": "Older, changed"})).status_code == 200
    assert faults(await owner.patch("/api/v1/tasks/WEB-2", json={"fields": {"cost": None}})) == [
        ("/fields/cost", "required")
    ]


async def test_who_uses_no_field_pays_nothing(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, count_statements: Counting
) -> None:
    await add_one_of_each(owner)
    await make.task(web)
    for method, path in (("POST", TASKS), ("PATCH", WEB_1)):
        async with count_statements() as seen:
            assert (await owner.request(method, path, json={"title": "New"})).is_success
        assert len(seen) == _WRITE_OF_A_TASK
        async with count_statements() as seen:
            body = {"title": "Newer", "fields": {"a_number": 1}}
            assert (await owner.request(method, path, json=body)).is_success
        assert len(seen) == _WRITE_OF_A_TASK + 1


async def test_a_field_that_goes_takes_its_values_along(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    path = await add(owner, "tags", "multi_select")
    await add(owner, "cost", "number")
    for number in range(3):
        await make.task(web, fields={"tags": ["low", "high"], "cost": number})
    await make.task(web, fields={"cost": 3})
    await owner.delete("/api/v1/tasks/WEB-3")
    so_far = len(await entries(tables))
    assert (await owner.delete(path)).status_code == 204
    assert [await values(owner, f"WEB-{n}") for n in (1, 2, 4)] == [{"cost": 0}, {"cost": 1}, {"cost": 3}]
    told = [entry for entry in await entries(tables, after=so_far) if entry.kind == "task.updated"]
    assert [entry.changes["fields"][0]["tags"] for entry in told] == [["low", "high"]] * 3
    assert len({entry.batch_id for entry in await entries(tables, after=so_far)}) == 1
    await owner.post("/api/v1/tasks/WEB-3/restore")
    assert await values(owner, "WEB-3") == {"cost": 2}
    await require_true(tables)


async def test_an_option_that_tasks_have_stays(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> None:
    path = await add(owner, "severity", "select")
    await make.task(web, fields={"severity": "high"})
    await owner.delete(WEB_1)
    without = {"options": [{"name": "Low"}]}
    assert problem(await owner.patch(path, json=without)) == (409, "field_option_in_use")
    await owner.post(f"{WEB_1}/restore")
    await owner.patch(WEB_1, json={"fields": {"severity": "low"}})
    assert (await owner.patch(path, json=without)).status_code == 200


async def test_an_option_is_free_whatever_tasks_of_another_project_have(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    other = await make.project(web.owner, "APP")
    await add(owner, "severity", "select", "/api/v1/projects/APP/fields")
    await make.task(other, fields={"severity": "high"})
    path = await add(owner, "severity", "select")
    assert (await owner.patch(path, json={"options": [{"name": "Low"}]})).status_code == 200


async def test_whoever_leaves_is_in_no_field(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    await add_one_of_each(owner)
    await add(owner, "reviewer", "user")
    leaver = await make.member(web, ProjectRole.EDITOR)
    name = str(leaver.id)
    task = await make.task(web, fields={"a_user": name, "reviewer": name, "a_text": name})
    await make.task(web, fields={"a_user": str(web.owner.id), "reviewer": name})
    await make.task(web, fields={"a_text": name})
    assert (await client_for(leaver).post("/api/v1/projects/WEB/leave")).status_code == 204
    assert await values(owner) == {"a_text": name}
    assert await values(owner, "WEB-2") == {"a_user": str(web.owner.id)}
    assert (await owner.get("/api/v1/tasks/WEB-3")).json()["version"] == 1
    told = (await entries(tables, task["id"]))[-1]
    assert told.changes["fields"] == [task["fields"], {"a_text": name}]
    refused = await owner.patch(WEB_1, json={"fields": {"a_user": name}})
    assert faults(refused) == [("/fields/a_user", "unknown_user")]
    assert faults(await owner.patch(WEB_1, json={"fields": {"a_user": str(uuid4())}})) == faults(refused)


async def test_a_moved_task_takes_along_what_fits(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    await add_one_of_each(owner)
    await add(owner, "cost", "number")
    await make.project(web.owner, "OPS")
    there = "/api/v1/projects/OPS/fields"
    stranger = await make.member(web, ProjectRole.EDITOR)
    levels = [{"key": "top", "name": "HIGH"}, {"name": "Low"}]
    await add(owner, "a_number", "number", there)
    await add(owner, "a_text", "url", there)
    await add(owner, "level", "select", there, options=levels)
    level = (await owner.get(there)).json()["items"][-1]
    await owner.patch(f"{there}/{level['id']}", json={"name": "A_Select"})
    await add(owner, "a_multi_select", "multi_select", there, options=levels)
    await add(owner, "a_user", "user", there)
    given = {
        "a_text": "t",
        "a_number": 1.5,
        "a_select": "high",
        "a_multi_select": ["low", "high", "very_high"],
        "a_user": str(stranger.id),
        "cost": 3,
    }
    await make.task(web, fields=given)
    moved = await owner.post(f"{WEB_1}/move", json={"project": "OPS"})
    assert moved.json()["fields"] == {"a_number": 1.5, "level": "top", "a_multi_select": ["top", "low"]}
    await require_true(tables)


async def test_however_many_have_a_value_each_tells_that_it_lost_it(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    path = await add(owner, "cost", "number")
    await make.task(web, fields={"cost": 1})
    await tables.execute(
        "INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at,"
        " updated_at, fields) SELECT gen_random_uuid(), project_id, n, title, status, status_category, rank,"
        " created_by, created_at, updated_at, fields FROM tasks, generate_series(2, 502) AS n",
    )
    assert (await owner.delete(path)).status_code == 204
    assert await tables.fetchval("SELECT count(*) FROM tasks WHERE fields <> '{}'") == 0
    assert await tables.fetchval("SELECT count(*) FROM events WHERE kind = 'task.updated'") == 502
