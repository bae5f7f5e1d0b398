"""What lists, counts and filters show is what their readers may open one by one, and all of it (T19).

Memberships, roles, trash and archives are thrown by a seeded die, and read by everybody in every way there is.
"""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.proof.world import READ_SCOPES, World
from tests.support.answers import walk
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Person

_FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"sort": "title"},
    {"open": "true"},
    {"open": "false"},
    {"priority": "none"},
    {"q": "thrown"},
)
_SAID = """
    INSERT INTO comments (id, task_id, body, created_by, created_at) VALUES ($1, $2, 'What was thrown', $3, now())
"""


@dataclass
class Reader:
    client: httpx.AsyncClient
    projects: set[str]
    """Of those that the reader is in, and that the token names where there is one: not in the trash."""
    shares: set[str]
    """Also of those in the trash, whose people have not become strangers."""
    person: Person


@dataclass
class Dice:
    readers: list[Reader]
    archived: set[str]
    tasks: dict[str, str]
    """The project of each living task."""
    trashed: dict[str, str]
    members: dict[str, set[str]]
    projects: dict[str, str]
    """The key of each."""


@pytest.fixture(params=range(3))
async def dice(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Dice]:
    async with world.undone():
        thrown = await _throw(world, random.Random(request.param))
        yield thrown
        for reader in thrown.readers:
            await reader.client.aclose()


async def test_lists_show_all_that_opens_and_nothing_else(dice: Dice, world: World) -> None:
    for reader in dice.readers:
        seen = {key for key, project in dice.tasks.items() if project in reader.projects}
        for params in _FILTERS:
            listed = await walk(reader.client, "/api/v1/tasks", limit=7, **params)
            expected = {key for key in seen if dice.tasks[key] not in dice.archived}
            assert {task["id"] for task in listed} == (expected if params != {"open": "false"} else set())
        counted = await reader.client.get("/api/v1/tasks?include=total&limit=1")
        assert counted.json()["total"] == len([key for key in seen if dice.tasks[key] not in dice.archived])
        for task in {*dice.tasks, *dice.trashed}:
            answer = await reader.client.get(f"/api/v1/tasks/{task}")
            assert answer.status_code == (200 if task in seen else 404)


async def test_a_search_finds_all_that_opens_and_nothing_else(dice: Dice) -> None:
    for reader in dice.readers:
        found = await walk(reader.client, "/api/v1/search", q="thrown", limit=7)
        mine = {project for project in reader.projects if project not in dice.archived}
        tasks = {item["task"]["id"] for item in found if item["type"] == "task"}
        assert tasks == {task for task, project in dice.tasks.items() if project in mine}
        assert {item["project"]["id"] for item in found if item["type"] == "project"} == mine
        said = [item for item in found if item["type"] == "comment"]
        assert {item["comment"]["task_id"] for item in said} == tasks
        assert all(item["task"]["key"].startswith(dice.projects[_project_of(item, dice)]) for item in said)
        assert len(found) == len(tasks) + len(mine) + len(tasks)
        for project, key in dice.projects.items():
            answer = await reader.client.get("/api/v1/search", params={"q": "thrown", "project": key})
            assert answer.status_code == (200 if project in reader.projects else 404)
            if answer.status_code == 200:
                assert {_project_of(item, dice) for item in answer.json()["items"]} == {project}


async def test_projects_and_what_is_in_them_open_for_their_members_alone(dice: Dice) -> None:
    for reader in dice.readers:
        for archived in ("false", "true"):
            listed = await walk(reader.client, "/api/v1/projects", limit=2, archived=archived)
            assert {project["id"] for project in listed} == {
                project for project in reader.projects if (project in dice.archived) is (archived == "true")
            }
            counted = await reader.client.get(f"/api/v1/projects?include=total&archived={archived}")
            assert counted.json()["total"] == len(listed)
        for project, key in dice.projects.items():
            for name in (project, key):
                for below in ("", "/tasks", "/trash", "/members", "/statuses"):
                    params = {"include": "total"} if below else {}
                    answer = await reader.client.get(f"/api/v1/projects/{name}{below}", params=params)
                    assert answer.status_code == (200 if project in reader.projects else 404), below
                    if answer.status_code == 200 and below in {"/tasks", "/trash", "/members"}:
                        _holds(answer, below, project, dice)


async def test_filters_by_what_is_foreign_find_nothing(dice: Dice) -> None:
    for reader in dice.readers:
        for task, project in dice.tasks.items():
            answer = await reader.client.get("/api/v1/tasks", params={"parent": task, "include": "total"})
            assert (answer.status_code, answer.json()["total"]) == (200, 0), project


async def test_people_are_seen_by_those_who_share_a_project_and_their_addresses_by_nobody_else(
    dice: Dice,
) -> None:
    people = {str(reader.person.id): reader.person for reader in dice.readers}
    for reader in dice.readers:
        for user_id, person in people.items():
            answer = await reader.client.get(f"/api/v1/users/{user_id}")
            shared = {project for project in reader.shares if user_id in dice.members[project]}
            itself = person.id == reader.person.id
            assert answer.status_code == (200 if shared or itself else 404)
            if answer.status_code == 200:
                assert answer.json()["email"] == (person.email if itself else None)


def _project_of(item: dict[str, Any], dice: Dice) -> str:
    if item["type"] == "comment":
        return dice.tasks[item["comment"]["task_id"]]
    thing: dict[str, str] = item[item["type"]]
    return thing.get("project_id", thing["id"])


def _holds(answer: httpx.Response, below: str, project: str, dice: Dice) -> None:
    page = answer.json()
    if below == "/members":
        assert {item["user"]["id"] for item in page["items"]} == dice.members[project]
    else:
        tasks = dice.tasks if below == "/tasks" else dice.trashed
        assert {item["id"] for item in page["items"]} == {task for task, of in tasks.items() if of == project}
    assert page["total"] == len(page["items"])


async def _throw(world: World, die: random.Random) -> Dice:
    people = [await world.make.user() for _ in range(4)]
    roles: dict[str, dict[UUID, str]] = {}
    dice = Dice([], set(), {}, {}, {}, {})
    binned: set[str] = set()
    for number in range(5):
        project = await world.make.project(name=f"Thrown {number}")
        identity = str(project.id)
        dice.projects[identity] = project.key
        roles[identity] = {project.owner.id: "owner"}
        for person in people:
            if die.random() < 0.5:
                role = die.choice(list(ProjectRole))
                await world.make.member(project, role, person)
                roles[identity][person.id] = role
        dice.members[identity] = {str(user_id) for user_id in roles[identity]}
        for _ in range(die.randint(1, 4)):
            task = await world.make.task(project, "thrown")
            gone = die.random() < 0.3
            (dice.trashed if gone else dice.tasks)[task["id"]] = identity
            await world.tables.execute(_SAID, new_id(), UUID(task["id"]), project.owner.id)
            if gone:
                await world.tables.execute("UPDATE tasks SET deleted_at = now() WHERE id = $1", UUID(task["id"]))
        if die.random() < 0.25:
            binned.add(identity)
            await world.tables.execute("UPDATE projects SET deleted_at = now() WHERE id = $1", project.id)
        elif die.random() < 0.25:
            dice.archived.add(identity)
            await world.tables.execute("UPDATE projects SET archived_at = now() WHERE id = $1", project.id)
    for person in people:
        mine = {project for project in dice.projects if person.id in roles[project]}
        dice.readers.append(Reader(world.make.client(person), mine - binned, mine, person))
        named = {project for project in dice.projects if die.random() < 0.5}
        # One that names projects which the owner left since, or never was in, opens none of these.
        token = await api_token(world.make, person, *READ_SCOPES)
        await world.tables.execute(
            "UPDATE api_tokens SET project_ids = $2 WHERE user_id = $1",
            *(person.id, [UUID(project) for project in named]),
        )
        script, theirs = carrying(world.make.client(), token), mine & named
        dice.readers.append(Reader(script, theirs - binned, theirs, person))
    return dice
