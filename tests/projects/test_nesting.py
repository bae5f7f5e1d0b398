"""Projects in projects: five deep, never in a circle, with rights that stay where they are."""

import asyncio
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from taskapi.core.clock import utc_now
from taskapi.models import ProjectRole
from taskapi.projects.service import KEPT
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem, titles, walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting
from tests.support.sweeps import sweep

PROJECTS = "/api/v1/projects"


async def put_into(client: httpx.AsyncClient, key: str, parent: MadeProject | None) -> httpx.Response:
    return await client.patch(f"{PROJECTS}/{key}", json={"parent_id": str(parent.id) if parent else None})


@pytest.fixture
async def line(make: Factory, web: MadeProject) -> list[MadeProject]:
    """WEB, and five more of its owner that are in none."""
    return [web, *[await make.project(web.owner, f"P{n}", f"P{n}") for n in range(5)]]


async def test_a_project_is_in_another_and_listed_so(
    owner: httpx.AsyncClient, line: list[MadeProject], tables: Any
) -> None:
    web = line[0]
    made = await owner.post(PROJECTS, json={"key": "SUB", "name": "Sub", "parent_id": str(web.id)})
    assert (made.status_code, made.json()["parent_id"]) == (201, str(web.id))
    moved = await put_into(owner, "P0", web)
    assert moved.json()["parent_id"] == str(web.id)
    assert [entry.changes for entry in await entries(tables, line[1].id) if entry.kind == "project.updated"] == [
        {"parent_id": [None, str(web.id)]}
    ]
    assert column(await owner.get(f"{PROJECTS}?parent={web.id}"), "key") == ["P0", "SUB"]
    assert "WEB" in column(await owner.get(f"{PROJECTS}?parent=none&include=total"), "key")
    assert "P0" not in column(await owner.get(f"{PROJECTS}?parent=none"), "key")
    assert (await put_into(owner, "P0", None)).json()["parent_id"] is None
    assert (await owner.get(f"{PROJECTS}?parent=WEB")).status_code == 422


async def test_nothing_is_below_itself_or_deeper_than_five(owner: httpx.AsyncClient, line: list[MadeProject]) -> None:
    assert problem(await put_into(owner, "WEB", line[0])) == (409, "project_cycle")
    for child, parent in zip(line[1:5], line, strict=False):
        assert (await put_into(owner, child.key, parent)).status_code == 200
    assert problem(await put_into(owner, "WEB", line[4])) == (409, "project_cycle")
    assert problem(await put_into(owner, "P4", line[4])) == (409, "projects_too_deep")
    body = {"key": "DEEP", "name": "Deep", "parent_id": str(line[4].id)}
    assert problem(await owner.post(PROJECTS, json=body)) == (409, "projects_too_deep")
    # As high as five already, wherever it is put.
    assert problem(await put_into(owner, "WEB", line[5])) == (409, "projects_too_deep")
    assert (await put_into(owner, "P4", line[3])).status_code == 200


async def test_it_takes_an_admin_of_both(
    owner: httpx.AsyncClient, line: list[MadeProject], make: Factory, client_for: ClientFor
) -> None:
    web, other = line[0], await make.project(key="ELSE")
    assert faults(await put_into(owner, "WEB", other)) == [("/parent_id", "unknown_parent")]
    await make.member(other, ProjectRole.EDITOR, web.owner)
    refused = await put_into(owner, "WEB", other)
    assert problem(refused) == (403, "forbidden")
    assert "project:edit" in refused.json()["detail"]
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    assert problem(await put_into(editor, "WEB", line[1])) == (403, "forbidden")
    await owner.patch(f"{PROJECTS}/P0", json={"archived": True})
    assert problem(await put_into(owner, "WEB", line[1])) == (409, "project_archived")
    await owner.delete(f"{PROJECTS}/P1")
    assert faults(await put_into(owner, "WEB", line[2])) == [("/parent_id", "unknown_parent")]


async def test_rights_stay_where_they_are(
    owner: httpx.AsyncClient, line: list[MadeProject], make: Factory, client_for: ClientFor
) -> None:
    await put_into(owner, "P0", line[0])
    member = client_for(await make.member(line[0], ProjectRole.ADMIN))
    assert problem(await member.get(f"{PROJECTS}/P0")) == (404, "not_found")
    assert column(await member.get(f"{PROJECTS}?parent={line[0].id}"), "key") == []


async def test_a_list_of_tasks_takes_the_children_along_that_one_is_in(
    owner: httpx.AsyncClient, line: list[MadeProject], make: Factory, client_for: ClientFor, count_statements: Counting
) -> None:
    web, p0, p1, p2, *_ = line
    await put_into(owner, "P0", web)
    await put_into(owner, "P1", p0)
    await put_into(owner, "P2", web)
    for project in (web, p0, p1, p2, line[4]):
        await make.task(project, f"of {project.key}")
    await owner.patch(f"{PROJECTS}/P2", json={"archived": True})
    path = f"{PROJECTS}/WEB/tasks?include_children=true"
    async with count_statements() as seen:
        found = await owner.get(f"{path}&sort=title&include=total")
    assert (titles(found), found.json()["total"], len(seen)) == (["of P0", "of P1", "of WEB"], 3, 2)
    walked = await walk(owner, f"{PROJECTS}/{web.id}/tasks", include_children="true", sort="-title", limit=1)
    assert [task["title"] for task in walked] == ["of WEB", "of P1", "of P0"]
    assert titles(await owner.get(f"{PROJECTS}/WEB/tasks?include_children=false")) == ["of WEB"]
    some = await make.member(web, ProjectRole.VIEWER)
    await make.member(p1, ProjectRole.VIEWER, some)
    assert titles(await client_for(some).get(f"{path}&sort=title")) == ["of P1", "of WEB"]
    below = client_for(await make.member(p0, ProjectRole.VIEWER))
    assert problem(await below.get(path)) == (404, "not_found")
    root = client_for(await make.user(admin=True))
    assert titles(await root.get(path)) == ["of WEB"]
    assert (await owner.get("/api/v1/tasks?include_children=true")).status_code == 422


async def test_a_parent_that_goes_leaves_its_children(
    owner: httpx.AsyncClient, line: list[MadeProject], app: FastAPI, tables: Any
) -> None:
    web, p0, *_ = line
    await put_into(owner, "P0", web)
    await owner.delete(f"{PROJECTS}/WEB")
    assert (await owner.get(f"{PROJECTS}/P0")).json()["parent_id"] == str(web.id)
    with time_machine.travel(utc_now() + 2 * KEPT, tick=True):
        await sweep(app, "trashed_projects")
    assert await tables.fetchval("SELECT parent_id FROM projects WHERE key = 'P0'") is None
    [last] = [entry for entry in await entries(tables, p0.id) if entry.changes.keys() == {"parent_id"}][1:]
    assert last.changes == {"parent_id": [str(web.id), None]}


@pytest.mark.slow
async def test_two_at_once_make_no_circle(live: Factory) -> None:
    owner = await live.user()
    projects = [await live.project(owner, f"P{n}") for n in range(4)]
    client = live.client(owner)
    for _ in range(3):
        ring = zip(projects, [*projects[1:], projects[0]], strict=True)
        answers = await asyncio.gather(*(put_into(client, child.key, parent) for child, parent in ring))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409]
        await asyncio.gather(*(put_into(client, project.key, None) for project in projects))
