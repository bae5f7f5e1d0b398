"""Who has a part in a task watches it, unless they chose not to; whoever reads it may choose to."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import pointers, problem, walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject, Person
from tests.support.statements import Counting

TASK = "/api/v1/tasks/WEB-1"


async def watchers(client: httpx.AsyncClient, task: str = TASK) -> dict[str, list[str]]:
    items = await walk(client, f"{task}/watchers", limit=2)
    return {item["user"]["username"]: item["reasons"] for item in items}


async def facts(tables: Any) -> list[tuple[str, Any]]:
    told = [entry for entry in await entries(tables) if entry.subject_type == "watcher"]
    return [(entry.kind, entry.changes["watching"]) for entry in told]


@pytest.fixture
async def bo(make: Factory, web: MadeProject) -> Person:
    return await make.member(web, ProjectRole.VIEWER, await make.user("bo"))


async def test_whoever_has_a_part_in_it_watches(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, bo: Person, client_for: ClientFor
) -> None:
    cy = await make.member(web, ProjectRole.COMMENTER, await make.user("cy"))
    dee = await make.member(web, ProjectRole.EDITOR, await make.user("dee"))
    await make.member(web, ProjectRole.EDITOR, await make.user("idle"))
    await make.task(web, assignee_ids=[str(dee.id), str(web.owner.id)])
    await make.task(web, "Another", assignee_ids=[str(bo.id)])
    await owner.post("/api/v1/tasks/WEB-2/comments", json={"body": "@idle, here"})
    name = web.owner.username
    assert await watchers(owner) == {"dee": ["assignee"], name: ["assignee", "creator"]}
    comment = (await client_for(cy).post(f"{TASK}/comments", json={"body": "@bo and @cy, look"})).json()
    assert await watchers(owner) == {
        "bo": ["mentioned"],
        "cy": ["commenter", "mentioned"],
        "dee": ["assignee"],
        name: ["assignee", "creator"],
    }
    await client_for(cy).delete(f"{TASK}/comments/{comment['id']}")
    await owner.patch(TASK, json={"assignee_ids": []})
    assert await watchers(owner) == {name: ["creator"]}
    first = (await owner.get(f"{TASK}/watchers", params={"include": "total"})).json()
    assert (first["total"], first["items"][0]["user"]) == (
        1,
        {"id": str(web.owner.id), "username": name, "full_name": None},
    )
    assert pointers(await owner.get(f"{TASK}/watchers?sort=name")) == ["/query/sort"]


async def test_whoever_reads_it_may_choose(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, bo: Person, client_for: ClientFor, tables: Any
) -> None:
    task, mine = await make.task(web), client_for(bo)
    cy = client_for(await make.member(web, ProjectRole.VIEWER, await make.user("cy")))
    await cy.put(f"{TASK}/watch")
    for _ in range(2):
        assert (await mine.put(f"{TASK}/watch")).status_code == 204
    assert (await watchers(mine))["bo"] == ["chosen"]
    await owner.patch(TASK, json={"assignee_ids": [str(bo.id)]})
    assert (await watchers(mine))["bo"] == ["assignee", "chosen"]
    for _ in range(2):
        assert (await mine.delete(f"{TASK}/watch")).status_code == 204
    assert await watchers(mine) == {"cy": ["chosen"], web.owner.username: ["creator"]}
    assert (await mine.put(f"{TASK}/watch")).status_code == 204
    assert "bo" in await watchers(mine)
    told = [("watcher.added", [None, True]), ("watcher.removed", [True, False]), ("watcher.added", [False, True])]
    assert await facts(tables) == [("watcher.added", [None, True]), *told]
    fact = [entry for entry in await entries(tables) if entry.subject_type == "watcher"][1]
    assert (fact.project_id, fact.subject_key, fact.actor_id) == (web.id, "WEB-1", bo.id)
    assert fact.changes == {
        "id": [None, str(fact.subject_id)],
        "task_id": [None, task["id"]],
        "user_id": [None, str(bo.id)],
        "watching": [None, True],
    }


async def test_who_chose_not_to_is_not_drawn_in_again(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, bo: Person, client_for: ClientFor, tables: Any
) -> None:
    for _ in range(2):
        await make.task(web)
    await client_for(bo).delete(f"{TASK}/watch")
    await owner.delete(f"{TASK}/watch")
    await owner.post(f"{TASK}/comments", json={"body": "@bo"})
    assert await watchers(owner) == {}
    assert await watchers(owner, "/api/v1/tasks/WEB-2") == {web.owner.username: ["creator"]}
    assert await facts(tables) == [("watcher.removed", [None, False])] * 2


async def test_whoever_leaves_the_project_watches_no_more_and_has_chosen_nothing_when_they_return(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, bo: Person, client_for: ClientFor, tables: Any
) -> None:
    for _ in range(2):
        await make.task(web)
    mine, there = client_for(bo), await make.project(key="ELSE")
    await make.member(there, ProjectRole.VIEWER, bo)
    await make.task(there)
    for task in ("WEB-1", "ELSE-1"):
        await mine.put(f"/api/v1/tasks/{task}/watch")
    await mine.delete("/api/v1/tasks/WEB-2/watch")
    await owner.put(f"{TASK}/watch")
    await owner.post(f"{TASK}/comments", json={"body": "@bo"})
    assert (await mine.post("/api/v1/projects/WEB/leave")).status_code == 204
    assert await watchers(owner) == {web.owner.username: ["chosen", "commenter", "creator"]}
    ended = [entry for entry in await entries(tables) if entry.subject_type == "watcher"][-2:]
    assert {(entry.kind, entry.subject_key, tuple(entry.changes["watching"])) for entry in ended} == {
        ("watcher.removed", "WEB-1", (True, None)),
        ("watcher.removed", "WEB-2", (False, None)),
    }
    await make.member(web, ProjectRole.VIEWER, bo)
    assert (await watchers(owner))["bo"] == ["mentioned"]
    assert "bo" in await watchers(mine, "/api/v1/tasks/ELSE-1")


async def test_of_a_task_that_moved_only_members_of_its_project_watch(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, bo: Person, client_for: ClientFor
) -> None:
    await make.task(web)
    await client_for(bo).put(f"{TASK}/watch")
    await make.project(web.owner, "ELSE")
    await owner.post(f"{TASK}/move", json={"project": "ELSE"})
    assert list(await watchers(owner, "/api/v1/tasks/ELSE-1")) == [web.owner.username]


async def test_who_is_in_no_such_project_chooses_nothing(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor, tables: Any
) -> None:
    await make.task(web)
    outsider, admin = client_for(await make.user()), client_for(await make.user(admin=True))
    for method in ("PUT", "DELETE"):
        assert problem(await outsider.request(method, f"{TASK}/watch")) == (404, "not_found")
        assert problem(await admin.request(method, f"{TASK}/watch")) == (403, "forbidden")
    assert problem(await outsider.get(f"{TASK}/watchers")) == (404, "not_found")
    assert await watchers(admin) == {web.owner.username: ["creator"]}
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for method in ("PUT", "DELETE"):
        assert problem(await owner.request(method, f"{TASK}/watch")) == (409, "project_archived")
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    await owner.delete(TASK)
    for method, below in (("PUT", "watch"), ("DELETE", "watch"), ("GET", "watchers")):
        assert problem(await owner.request(method, f"{TASK}/{below}")) == (404, "not_found")
    assert await facts(tables) == []


async def test_they_are_one_round_trip(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, count_statements: Counting
) -> None:
    await make.task(web)
    await owner.get(TASK)
    async with count_statements() as seen:
        assert (await owner.get(f"{TASK}/watchers")).status_code == 200
    assert len(seen) == 1
    await owner.delete(f"{TASK}/watch")
    async with count_statements() as seen:
        assert (await owner.get(f"{TASK}/watchers")).json()["items"] == []
    assert len(seen) == 2, "an empty list asks whether there is such a task at all"


@pytest.mark.slow
async def test_many_choices_at_once_are_one(live: Factory) -> None:
    project = await live.project(key="WEB")
    await live.task(project)
    async with live.client(project.owner) as client:
        answers = await asyncio.gather(*(client.put(f"{TASK}/watch") for _ in range(4)))
        shown = await watchers(client)
    assert {answer.status_code for answer in answers} == {204}
    assert shown == {project.owner.username: ["chosen", "creator"]}
