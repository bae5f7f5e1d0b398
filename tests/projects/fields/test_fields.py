"""Custom fields are made, read, ordered, changed and deleted in their project, and each change is told."""

from typing import Any

import httpx

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem
from tests.support.change_log import entries, kinds
from tests.support.custom_fields import FIELDS, LEVELS, add
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

SEVERITY = {"key": "severity", "name": "Severity", "type": "select", "options": LEVELS}


async def order(client: httpx.AsyncClient) -> list[str]:
    items = (await client.get(FIELDS)).json()["items"]
    assert [item["position"] for item in items] == list(range(len(items)))
    return [item["key"] for item in items]


async def test_a_field_is_made_and_read(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    made = await owner.post(FIELDS, json=SEVERITY)
    field = made.json()
    assert field == {
        "id": field["id"],
        "key": "severity",
        "name": "Severity",
        "type": "select",
        "options": [
            {"key": "low", "name": "Low", "color": None},
            {"key": "high", "name": "High", "color": "#d73a4a"},
            {"key": "very_high", "name": "Very high", "color": None},
        ],
        "required": False,
        "position": 0,
        "version": 1,
    }
    found = await owner.get(made.headers["location"])
    assert (found.json(), found.headers["etag"]) == (field, '"1"')
    [created] = await entries(tables, field["id"])
    assert (created.kind, created.project_id, created.subject_key) == ("field.created", web.id, "WEB")
    assert created.changes == {name: [None, value] for name, value in field.items()}


_WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"key": "Severity"}, "/key"),
    ({"key": "1st"}, "/key"),
    ({"key": "a" * 41}, "/key"),
    ({"name": ""}, "/name"),
    ({"type": "colour"}, "/type"),
    ({"options": []}, "/options"),
    ({"type": "text"}, "/options"),
    ({"options": [{"name": "Low"}, {"name": "LOW"}]}, "/options/1"),
    ({"options": [{"name": "Low", "key": "x"}, {"name": "High", "key": "x"}]}, "/options/1"),
    ({"options": [{"name": "Low", "color": "red"}]}, "/options/0/color"),
    ({"options": [{"name": str(n)} for n in range(201)]}, "/options"),
    ({"required": "yes"}, "/required"),
    ({"position": -1}, "/position"),
    ({"version": 2}, "/version"),
)


async def test_what_is_wrong_is_pointed_at(owner: httpx.AsyncClient) -> None:
    for body, pointer in _WRONG:
        assert pointers(await owner.post(FIELDS, json={**SEVERITY, **body})) == [pointer], body
    assert await order(owner) == []


async def test_options_get_keys_from_their_names_each_another(owner: httpx.AsyncClient) -> None:
    names = [
        {"name": "C++"},
        {"name": "C"},
        {"name": "高"},
        {"name": "低"},
        {"name": "Späť"},
        {"name": "x", "key": "c"},
    ]
    made = await owner.post(FIELDS, json={**SEVERITY, "options": names})
    assert [option["key"] for option in made.json()["options"]] == ["c_2", "c_3", "option", "option_2", "spat", "c"]


async def test_they_stand_in_an_order_without_gaps(owner: httpx.AsyncClient) -> None:
    first = await add(owner, "one")
    await add(owner, "two")
    await add(owner, "three", position=0)
    assert await order(owner) == ["three", "one", "two"]
    assert (await owner.patch(first, json={"position": 49})).json()["position"] == 2
    assert await order(owner) == ["three", "two", "one"]
    two = (await owner.get(FIELDS)).json()["items"][1]
    await owner.delete(f"{FIELDS}/{two['id']}")
    assert await order(owner) == ["three", "one"]


async def test_a_key_is_taken_once_and_free_again(owner: httpx.AsyncClient) -> None:
    path = await add(owner, "cost", "number")
    assert problem(await owner.post(FIELDS, json={**SEVERITY, "key": "cost"})) == (409, "field_key_taken")
    for never in ({"key": "price"}, {"type": "text"}):
        assert (await owner.patch(path, json=never)).status_code == 422
    assert (await owner.delete(path)).status_code == 204
    await add(owner, "cost", "text")


async def test_a_change_is_told_once(owner: httpx.AsyncClient, tables: Any) -> None:
    path = await add(owner, "severity", "select")
    body = {"name": "How bad", "required": True, "options": [*LEVELS, {"name": "Worst"}]}
    changed = await owner.patch(path, json=body, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.json()["required"], changed.json()["version"]) == ("How bad", True, 2)
    assert [option["key"] for option in changed.json()["options"]] == ["low", "high", "very_high", "worst"]
    assert (await owner.patch(path, json=body)).json()["version"] == 2
    assert problem(await owner.patch(path, json=body, headers={"If-Match": '"1"'})) == (412, "precondition_failed")
    assert await kinds(tables, changed.json()["id"]) == ["field.created", "field.updated"]


async def test_an_option_renamed_by_its_key_stays_the_same(owner: httpx.AsyncClient) -> None:
    path = await add(owner, "severity", "select")
    changed = await owner.patch(path, json={"options": [{"key": "high", "name": "Urgent"}, {"name": "low"}]})
    assert [(o["key"], o["name"]) for o in changed.json()["options"]] == [("high", "Urgent"), ("low", "low")]
    assert pointers(await owner.patch(path, json={"options": []})) == ["/options"]


async def test_fifty_are_enough(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    await tables.execute(
        "INSERT INTO fields (id, project_id, key, name, type, position)"
        " SELECT gen_random_uuid(), $1, 'f' || n, 'F', 'text', n FROM generate_series(0, 49) AS n",
        web.id,
    )
    assert problem(await owner.post(FIELDS, json=SEVERITY)) == (409, "too_many_fields")


async def test_an_archived_project_keeps_its_fields(owner: httpx.AsyncClient) -> None:
    path = await add(owner, "severity", "select")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for method, where, body in (
        ("POST", FIELDS, {**SEVERITY, "key": "other"}),
        ("PATCH", path, {"name": "Other"}),
        ("DELETE", path, None),
    ):
        assert problem(await owner.request(method, where, json=body)) == (409, "project_archived")
    assert column(await owner.get(FIELDS), "key") == ["severity"]


async def test_who_writes_tasks_writes_fields(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await add(owner, "severity", "select")
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    await add(editor, "cost", "number")
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    refused = await viewer.post(FIELDS, json=SEVERITY)
    assert problem(refused) == (403, "forbidden")
    assert "field:write" in refused.json()["detail"]
    assert column(await viewer.get(FIELDS), "key") == ["severity", "cost"]


async def test_a_list_is_two_round_trips(owner: httpx.AsyncClient, count_statements: Counting) -> None:
    await add(owner, "severity", "select")
    async with count_statements() as seen:
        await owner.get(FIELDS)
    assert len(seen) == 2
