"""A project is copied with what it is made of and, if wanted, its tasks; templates are there to be copied."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem
from tests.support.beside_tasks import require_true
from tests.support.change_log import entries, kinds
from tests.support.custom_fields import add, add_one_of_each
from tests.support.factory import Factory, MadeProject

PROJECTS = "/api/v1/projects"
DUPLICATE = f"{PROJECTS}/WEB/duplicate"
COPY = {"key": "COPY", "name": "Copy"}
_OF_THE_COPY = {"id", "key", "project_id", "number", "rank", "created_by", "created_at", "updated_at", "version"}


@pytest.fixture
async def furnished(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> MadeProject:
    """WEB with more than it began with: a status, a label, fields, and tasks in a tree and in the trash."""
    await owner.patch(f"{PROJECTS}/WEB", json={"description": "About", "color": "#2f6feb"})
    await owner.post(f"{PROJECTS}/WEB/statuses", json={"key": "review", "name": "R", "category": "started"})
    await owner.post(f"{PROJECTS}/WEB/labels", json={"name": "bug", "color": "#d73a4a"})
    await add_one_of_each(owner)
    await add(owner, "cost", "number", required=True)
    return web


async def items(client: httpx.AsyncClient, project: str, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"{PROJECTS}/{project}/{what}?limit=200")).json()["items"]
    return found


def but(fields: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


async def test_a_copy_has_what_the_project_is_made_of(
    owner: httpx.AsyncClient, furnished: MadeProject, make: Factory, tables: Any
) -> None:
    await make.task(furnished, fields={"cost": 1})
    await make.member(furnished, ProjectRole.ADMIN)
    made = await owner.post(DUPLICATE, json=COPY)
    assert (made.status_code, made.headers["location"]) == (201, f"{PROJECTS}/COPY")
    assert {n: made.json()[n] for n in ("name", "description", "color", "role", "version")} == {
        "name": "Copy",
        "description": "About",
        "color": "#2f6feb",
        "role": "owner",
        "version": 1,
    }
    for what in ("statuses", "labels", "fields"):
        theirs, ours = await items(owner, "WEB", what), await items(owner, "COPY", what)
        assert [but(one, {"id"}) for one in ours] == [but(one, {"id"}) for one in theirs]
        assert not {one["id"] for one in ours} & {one["id"] for one in theirs}
        assert len(ours) >= 1
    assert await items(owner, "COPY", "tasks") == []
    assert len(await items(owner, "COPY", "members")) == 1
    assert await kinds(tables, made.json()["id"]) == ["project.created"]
    assert (await owner.post(f"{PROJECTS}/COPY/tasks", json={"title": "T", "fields": {"cost": 1}})).status_code == 201


async def test_tasks_come_along_in_their_order_below_their_parents(
    owner: httpx.AsyncClient, furnished: MadeProject, make: Factory, tables: Any
) -> None:
    other = await make.member(furnished, ProjectRole.EDITOR)
    both = [str(other.id), str(furnished.owner.id)]
    await make.task(furnished, "gone", fields={"cost": 1})
    given = {"cost": 1, "a_user": both[0], "a_multi_select": ["low"]}
    await make.task(furnished, "first", fields=given, assignee_ids=both, due_on="2026-12-24", priority="high")
    parent = await make.task(furnished, "parent", fields={"cost": 2, "a_user": both[1]}, status="done")
    trashed = await make.task(furnished, "trashed", fields={"cost": 1})
    await make.task(furnished, "orphan", fields={"cost": 3}, parent_id=trashed["id"])
    await owner.patch("/api/v1/tasks/WEB-2", json={"parent_id": parent["id"]})
    await owner.post("/api/v1/tasks/WEB-3/move", json={"before": "WEB-2"})
    for gone in ("WEB-1", "WEB-4"):
        await owner.delete(f"/api/v1/tasks/{gone}")
    await owner.post("/api/v1/tasks/WEB-5/restore")
    made = await owner.post(DUPLICATE, json={**COPY, "include_tasks": True})
    assert made.status_code == 201
    theirs, ours = await items(owner, "WEB", "tasks"), await items(owner, "COPY", "tasks")
    assert [task["title"] for task in ours] == [task["title"] for task in theirs] == ["parent", "first", "orphan"]
    assert [(task["key"], task["rank"]) for task in ours] == [
        *(("COPY-2", "0000000001"), ("COPY-1", "0000000002"), ("COPY-3", "0000000003"))
    ]
    copied, first, orphan = ours
    assert (first["parent_id"], orphan["parent_id"], copied["parent_id"]) == (copied["id"], None, None)
    assert (first["assignee_ids"], first["fields"]) == ([both[1]], {"cost": 1, "a_multi_select": ["low"]})
    assert copied["fields"] == {"cost": 2, "a_user": both[1]}
    different = _OF_THE_COPY | {"parent_id", "assignee_ids", "fields"}
    assert [but(task, different) for task in ours] == [but(task, different) for task in theirs]
    assert column(await owner.get(f"{PROJECTS}/COPY/tasks?sort=created_at"), "number") == [1, 2, 3]
    next_one = await owner.post(f"{PROJECTS}/COPY/tasks", json={"title": "Next", "fields": {"cost": 1}})
    assert (next_one.json()["number"], column(await owner.get(f"{PROJECTS}/COPY/tasks"), "number")[-1]) == (4, 4)
    assert await kinds(tables, first["id"]) == ["task.created"]
    assert await tables.fetchval("SELECT count(DISTINCT batch_id) FROM events WHERE kind = 'project.created'") == 2
    await require_true(tables)


async def test_checklists_and_the_links_between_them_come_along(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    for title in ("gone", "first", "second", "trashed"):
        await make.task(web, title)
    ops = await make.project(web.owner, "OPS")
    await make.task(ops, "elsewhere")
    for text, done in (("One", True), ("Two", False)):
        await owner.post("/api/v1/tasks/WEB-2/checklist", json={"text": text, "done": done})
    await owner.post("/api/v1/tasks/WEB-4/checklist", json={"text": "Not this"})
    for source, type_, target in (
        ("WEB-2", "blocks", "WEB-3"),
        ("WEB-3", "relates_to", "WEB-2"),
        ("WEB-2", "blocks", "WEB-4"),
        ("OPS-1", "duplicates", "WEB-2"),
    ):
        link = {"type": type_, "task_id": target}
        assert (await owner.post(f"/api/v1/tasks/{source}/links", json=link)).status_code == 201
    for key in ("WEB-1", "WEB-4"):
        await owner.delete(f"/api/v1/tasks/{key}")
    assert (await owner.post(DUPLICATE, json={**COPY, "include_tasks": True})).status_code == 201
    copies = await items(owner, "COPY", "tasks")
    assert [(task["key"], task["title"]) for task in copies] == [("COPY-1", "first"), ("COPY-2", "second")]
    listed = (await owner.get("/api/v1/tasks/COPY-1/checklist")).json()["items"]
    assert [(item["text"], item["done"], item["position"]) for item in listed] == [("One", True, 0), ("Two", False, 1)]
    links = (await owner.get("/api/v1/tasks/COPY-1/links")).json()["items"]
    assert [(link["type"], link["direction"], link["task"]["key"]) for link in links] == [
        ("blocks", "outgoing", "COPY-2"),
        ("relates_to", "incoming", "COPY-2"),
    ]
    told = [entry for entry in await entries(tables) if entry.subject_key in {"COPY-1", "COPY-2"}]
    assert sorted(entry.kind for entry in told) == [
        *("checklist_item.created", "checklist_item.created", "link.created", "link.created"),
        *("task.created", "task.created"),
    ]
    refused = await owner.post("/api/v1/tasks/COPY-2/links", json={"type": "blocks", "task_id": "COPY-1"})
    assert problem(refused) == (409, "dependency_cycle")


@pytest.mark.parametrize("what", ["checklist", "links"])
async def test_what_hangs_on_tasks_is_bounded(
    what: str, owner: httpx.AsyncClient, web: MadeProject, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("first", "second"):
        await make.task(web, title)
    await owner.post("/api/v1/tasks/WEB-1/checklist", json={"text": "One"})
    await owner.post("/api/v1/tasks/WEB-1/links", json={"type": "blocks", "task_id": "WEB-2"})
    monkeypatch.setattr(f"taskapi.tasks.{what}.service.MAX_COUNTED", 0)
    refused = await owner.post(DUPLICATE, json={**COPY, "include_tasks": True})
    assert problem(refused) == (409, "too_many_tasks_to_copy")
    assert (await owner.get(f"{PROJECTS}/COPY")).status_code == 404


async def test_whoever_reads_a_project_may_copy_it(
    owner: httpx.AsyncClient, furnished: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await make.task(furnished, "T", fields={"cost": 1}, assignee_ids=[str(furnished.owner.id)])
    viewer = client_for(await make.member(furnished, ProjectRole.VIEWER))
    await owner.patch(f"{PROJECTS}/WEB", json={"archived": True})
    made = await viewer.post(DUPLICATE, json={**COPY, "include_tasks": True})
    assert (made.json()["role"], made.json()["archived"]) == ("owner", False)
    [task] = await items(viewer, "COPY", "tasks")
    assert task["assignee_ids"] == []
    assert problem(await owner.get(f"{PROJECTS}/COPY")) == (404, "not_found")
    outsider = client_for(await make.user())
    assert problem(await outsider.post(DUPLICATE, json={**COPY, "key": "OTHER"})) == (404, "not_found")


async def test_what_cannot_be_copied_leaves_nothing_behind(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    await make.task(web)
    await tables.execute(
        "INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at,"
        " updated_at) SELECT gen_random_uuid(), project_id, n, title, status, status_category, rank,"
        " created_by, created_at, updated_at FROM tasks, generate_series(2, 2001) AS n",
    )
    refused = await owner.post(DUPLICATE, json={**COPY, "include_tasks": True})
    assert problem(refused) == (409, "too_many_tasks_to_copy")
    assert problem(await owner.post(DUPLICATE, json={**COPY, "key": "WEB"})) == (409, "project_key_taken")
    assert problem(await owner.post(DUPLICATE, json={**COPY, "id": str(web.id)})) == (409, "id_taken")
    assert problem(await owner.get(f"{PROJECTS}/COPY")) == (404, "not_found")
    chosen = str(new_id())
    assert (await owner.post(DUPLICATE, json={**COPY, "id": chosen})).json()["id"] == chosen


async def test_a_template_is_listed_apart_and_made_anew(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    parent = await make.task(web, "Plan")
    await make.task(web, "Step", parent_id=parent["id"])
    marked = await owner.patch(f"{PROJECTS}/WEB", json={"is_template": True})
    assert marked.json()["is_template"] is True
    assert column(await owner.get(PROJECTS), "key") == []
    assert column(await owner.get(f"{PROJECTS}?template=true"), "key") == ["WEB"]
    assert column(await owner.get("/api/v1/tasks"), "title") == []
    made = await owner.post(PROJECTS, json={"key": "NEW", "name": "New", "color": "#1f883d", "template": "WEB"})
    assert (made.json()["is_template"], made.json()["color"]) == (False, "#1f883d")
    assert [task["title"] for task in await items(owner, "NEW", "tasks")] == ["Plan", "Step"]
    assert column(await owner.get(PROJECTS), "key") == ["NEW"]
    for nothing in ("NONE", str(uuid4()), "no such name"):
        body = {"key": "OTHER", "name": "Other", "template": nothing}
        assert faults(await owner.post(PROJECTS, json=body)) == [("/template", "unknown_template")]


@pytest.mark.slow
async def test_copies_made_at_once_are_whole(live: Factory) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    for number in range(3):
        await live.task(project, f"T{number}")
    made, *_ = answers = await asyncio.gather(
        *(client.post(DUPLICATE, json={"key": key, "name": key, "include_tasks": True}) for key in ("AA", "AA", "BB")),
        client.post(f"{PROJECTS}/WEB/labels", json={"name": "bug", "color": "#d73a4a"}),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409], made.text
    for key in ("AA", "BB"):
        assert [task["number"] for task in await items(client, key, "tasks")] == [1, 2, 3]
