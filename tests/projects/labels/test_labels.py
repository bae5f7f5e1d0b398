"""Labels are made, read, changed and deleted in their project, and each change is told in the change log."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem, walk
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting
from tests.support.sweeps import sweep

LABELS = "/api/v1/projects/WEB/labels"
RED, BLUE = "#d73a4a", "#2f6feb"


async def make_label(client: httpx.AsyncClient, name: str, color: str = RED, **more: str) -> dict[str, Any]:
    made = await client.post(LABELS, json={"name": name, "color": color, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_a_label_is_made_and_read(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    made = await owner.post(LABELS, json={"name": "  Bug ", "color": RED})
    label = made.json()
    assert label == {
        "id": label["id"],
        "name": "Bug",
        "color": RED,
        "created_at": IsDatetime(iso_string=True),
        "version": 1,
    }
    assert UUID(label["id"]).version == 7
    assert (made.headers["location"], made.headers["etag"]) == (f"{LABELS}/{label['id']}", '"1"')
    found = await owner.get(made.headers["location"])
    assert (found.json(), found.headers["etag"]) == (label, '"1"')
    assert (await owner.get(made.headers["location"], headers={"If-None-Match": '"1"'})).status_code == 304
    [created] = await entries(tables, label["id"])
    assert (created.kind, created.project_id, created.subject_key) == ("label.created", web.id, "WEB")
    assert created.changes == {name: [None, value] for name, value in label.items()}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"color": RED}, "/name"),
        ({"name": "", "color": RED}, "/name"),
        ({"name": "Bug"}, "/color"),
        ({"name": "Bug", "color": "red"}, "/color"),
        ({"name": "Bug", "color": RED, "id": "bug"}, "/id"),
        ({"name": "Bug", "color": RED, "version": 2}, "/version"),
    ],
)
async def test_what_is_wrong_is_pointed_at(owner: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    assert pointers(await owner.post(LABELS, json=body)) == [pointer]


async def test_a_client_may_choose_the_id_once(owner: httpx.AsyncClient) -> None:
    chosen = str(new_id())
    assert (await make_label(owner, "Bug", id=chosen))["id"] == chosen
    taken = await owner.post(LABELS, json={"name": "Other", "color": RED, "id": chosen})
    assert problem(taken) == (409, "id_taken")


async def test_a_name_is_taken_in_whatever_case_and_in_this_project_alone(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    bug, other = await make_label(owner, "Ärger"), await make_label(owner, "Other")
    taken = await owner.post(LABELS, json={"name": "äRGER", "color": BLUE})
    assert problem(taken) == (409, "label_name_taken")
    assert problem(await owner.patch(f"{LABELS}/{other['id']}", json={"name": "ärger"})) == (409, "label_name_taken")
    assert (await owner.patch(f"{LABELS}/{bug['id']}", json={"name": "ÄRGER"})).json()["name"] == "ÄRGER"
    await make.project(web.owner, "ELSE")
    there = await owner.post("/api/v1/projects/ELSE/labels", json={"name": "Ärger", "color": RED})
    assert there.status_code == 201


async def test_they_are_listed_by_name_or_by_age(owner: httpx.AsyncClient) -> None:
    for name in ("beta", "Alpha", "gamma", "Beta 2"):
        await make_label(owner, name)
    assert [label["name"] for label in await walk(owner, LABELS, limit=1)] == ["Alpha", "beta", "Beta 2", "gamma"]
    assert column(await owner.get(f"{LABELS}?sort=-name"), "name") == ["gamma", "Beta 2", "beta", "Alpha"]
    assert column(await owner.get(f"{LABELS}?sort=created_at"), "name") == ["beta", "Alpha", "gamma", "Beta 2"]
    assert (await owner.get(f"{LABELS}?limit=3&page=2")).json()["total"] == 4
    assert pointers(await owner.get(f"{LABELS}?sort=color")) == ["/query/sort"]
    assert pointers(await owner.get(f"{LABELS}?name=beta")) == ["/query/name"]


async def test_a_change_is_a_new_version_and_one_fact(owner: httpx.AsyncClient, tables: Any) -> None:
    label = await make_label(owner, "Bug")
    path = f"{LABELS}/{label['id']}"
    changed = await owner.patch(path, json={"name": "Defect"}, headers={"If-Match": '"1"'})
    assert (changed.json(), changed.headers["etag"]) == ({**label, "name": "Defect", "version": 2}, '"2"')
    assert (await owner.get(path)).json() == changed.json()
    told = (await entries(tables, label["id"]))[-1]
    assert (told.kind, told.changes) == ("label.updated", {"name": ["Bug", "Defect"]})


@pytest.mark.parametrize("body", [{}, {"name": "Bug"}, {"name": "Bug", "color": RED}])
async def test_nothing_to_change_changes_nothing(owner: httpx.AsyncClient, tables: Any, body: dict[str, str]) -> None:
    label = await make_label(owner, "Bug")
    answer = await owner.patch(f"{LABELS}/{label['id']}", json=body)
    assert (answer.status_code, answer.json()) == (200, label)
    assert await kinds(tables, label["id"]) == ["label.created"]


async def test_a_stale_version_changes_and_deletes_nothing(owner: httpx.AsyncClient) -> None:
    label = await make_label(owner, "Bug")
    path, stale = f"{LABELS}/{label['id']}", {"If-Match": '"7"'}
    for answer in (
        await owner.patch(path, json={"name": "x"}, headers=stale),
        await owner.delete(path, headers=stale),
    ):
        assert problem(answer) == (412, "precondition_failed")
        assert answer.json()["current"] == label
    assert (await owner.get(path)).json() == label


async def test_a_label_that_is_deleted_is_gone_and_leaves_its_last_words(owner: httpx.AsyncClient, tables: Any) -> None:
    label = await make_label(owner, "Bug")
    path = f"{LABELS}/{label['id']}"
    assert (await owner.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    for answer in (await owner.get(path), await owner.patch(path, json={"name": "x"}), await owner.delete(path)):
        assert problem(answer) == (404, "not_found")
    gone = (await entries(tables, label["id"]))[-1]
    assert (gone.kind, gone.changes) == ("label.deleted", {name: [value, None] for name, value in label.items()})
    assert (await make_label(owner, "Bug"))["id"] != label["id"]


async def test_an_archived_project_keeps_its_labels_as_they_are(owner: httpx.AsyncClient) -> None:
    label = await make_label(owner, "Bug")
    path = f"{LABELS}/{label['id']}"
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for answer in (
        await owner.post(LABELS, json={"name": "x", "color": RED}),
        await owner.patch(path, json={"name": "x"}),
        await owner.delete(path),
    ):
        assert problem(answer) == (409, "project_archived")
    assert (await owner.get(path)).json() == label


@pytest.mark.parametrize("role", [role for role in ProjectRole if role is not ProjectRole.OWNER])
async def test_who_writes_tasks_writes_labels(
    role: ProjectRole, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    client = client_for(await make.member(web, role))
    answer = await client.post(LABELS, json={"name": "Bug", "color": RED})
    if role in {ProjectRole.EDITOR, ProjectRole.ADMIN}:
        assert answer.status_code == 201
    else:
        assert problem(answer) == (403, "forbidden")
        assert "label:write" in answer.json()["detail"]


async def test_a_dry_run_makes_none(owner: httpx.AsyncClient) -> None:
    tried = await owner.post(LABELS, json={"name": "Bug", "color": RED}, headers={"Prefer": "validate-only"})
    assert (tried.status_code, tried.headers["preference-applied"]) == (201, "validate-only")
    assert column(await owner.get(LABELS), "id") == []


async def test_a_repeat_with_the_same_key_makes_one(owner: httpx.AsyncClient) -> None:
    sent: dict[str, Any] = {"json": {"name": "Bug", "color": RED}, "headers": {"Idempotency-Key": "once"}}
    first, second = await owner.post(LABELS, **sent), await owner.post(LABELS, **sent)
    assert (second.content, second.headers["idempotency-replayed"]) == (first.content, "true")
    assert column(await owner.get(LABELS), "id") == [first.json()["id"]]


async def test_a_project_has_five_hundred_at_most(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    await tables.execute(
        "INSERT INTO labels (id, project_id, name, color, created_at)"
        " SELECT gen_random_uuid(), $1, 'l' || n, $2, now() FROM generate_series(1, 499) n",
        *(web.id, RED),
    )
    await make_label(owner, "the last")
    refused = await owner.post(LABELS, json={"name": "one more", "color": RED})
    assert problem(refused) == (409, "too_many_labels")


async def test_they_go_with_their_project_under_its_tombstone(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    label = await make_label(owner, "Bug")
    await tables.execute("UPDATE projects SET deleted_at = now() - interval '31 days' WHERE id = $1", web.id)
    await sweep(make.app, "trashed_projects")
    assert await tables.fetchval("SELECT count(*) FROM labels") == 0
    assert await kinds(tables, label["id"]) == ["label.created"]
    assert (await kinds(tables, web.id))[-1] == "project.purged"


async def test_how_many_round_trips_they_take(owner: httpx.AsyncClient, count_statements: Counting) -> None:
    label = await make_label(owner, "Bug")
    for path in (LABELS, f"{LABELS}/{label['id']}"):
        await owner.get(path)
        async with count_statements() as seen:
            await owner.get(path)
        assert len(seen) == 2


async def test_of_many_who_take_a_name_at_once_one_gets_it(live: Factory) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    answers = await asyncio.gather(
        *(client.post(LABELS, json={"name": name, "color": RED}) for name in ("bug", "Bug", "BUG", "bUG"))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(column(await client.get(LABELS), "id")) == 1
