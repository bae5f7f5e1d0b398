"""Whoever a description names watches the task; who was named anew can be told from the change log."""

from typing import Any

import httpx
import pytest

from taskapi.core import markdown
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject, Person
from tests.support.statements import Counting

TASKS, WEB_1 = "/api/v1/projects/WEB/tasks", "/api/v1/tasks/WEB-1"


@pytest.fixture
async def people(make: Factory, web: MadeProject) -> list[Person]:
    await make.user("stranger")
    return [await make.member(web, ProjectRole.VIEWER, await make.user(name)) for name in ("maria", "bo")]


async def watchers(client: httpx.AsyncClient, task: str = WEB_1) -> dict[str, list[str]]:
    return {item["user"]["username"]: item["reasons"] for item in await walk(client, f"{task}/watchers")}


async def told(tables: Any, task: dict[str, Any]) -> list[Any]:
    return [entry.changes.get("mentions") for entry in await entries(tables, task["id"])]


async def test_whom_a_description_names_watches(
    owner: httpx.AsyncClient, web: MadeProject, people: list[Person], tables: Any
) -> None:
    maria, bo = (str(person.id) for person in people)
    task = (await owner.post(TASKS, json={"title": "T", "description": "@Maria, `@bo`, @stranger"})).json()
    assert task["mentions"] == [maria]
    assert await watchers(owner) == {"maria": ["mentioned"], web.owner.username: ["creator"]}
    for description, named in (
        ("@bo and @maria", [bo, maria]),
        ("@bo and @maria again", [bo, maria]),
        ("Only @bo", [bo]),
        ("Nobody", []),
        (None, []),
    ):
        changed = (await owner.patch(WEB_1, json={"description": description})).json()
        assert (changed["description"], changed["mentions"]) == (description, named)
    assert await watchers(owner) == {web.owner.username: ["creator"]}
    # Whoever follows the log sees who was named anew, and who is named no more.
    assert await told(tables, task) == [
        [None, [maria]],
        [[maria], [bo, maria]],
        None,
        [[bo, maria], [bo]],
        [[bo], []],
        None,
    ]


async def test_mentions_stay_who_they_were_until_the_text_changes(
    owner: httpx.AsyncClient, web: MadeProject, people: list[Person], client_for: ClientFor
) -> None:
    maria = str(people[0].id)
    await owner.post(TASKS, json={"title": "T", "description": "@maria @stranger"})
    await client_for(people[0]).patch("/api/v1/users/me", json={"username": "mary"})
    for same in ({"title": "Other"}, {"description": "@maria @stranger"}):
        assert (await owner.patch(WEB_1, json=same)).json()["mentions"] == [maria]
    assert (await owner.patch(WEB_1, json={"description": "@maria, @mary"})).json()["mentions"] == [maria]
    await client_for(people[0]).post("/api/v1/projects/WEB/leave")
    assert await watchers(owner) == {web.owner.username: ["creator"]}


async def test_who_chose_not_to_hear_is_not_called_back(
    owner: httpx.AsyncClient, web: MadeProject, people: list[Person], make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    await client_for(people[0]).delete(f"{WEB_1}/watch")
    await owner.patch(WEB_1, json={"description": "@maria"})
    assert "maria" not in await watchers(owner)


async def test_by_whatever_door_the_text_comes(
    owner: httpx.AsyncClient, web: MadeProject, people: list[Person], make: Factory
) -> None:
    maria = str(people[0].id)
    ops = await make.project(web.owner, "OPS")
    ids = [(await make.task(web))["id"], (await make.task(ops))["id"]]
    await owner.post("/api/v1/tasks/bulk", json={"ids": ids, "patch": {"description": "@maria"}})
    found = [(await owner.get(f"/api/v1/tasks/{task_id}")).json()["mentions"] for task_id in ids]
    assert found == [[maria], []]
    operations = [
        {"op": "create", "project": "WEB", "title": "T", "description": "@maria"},
        {"op": "update", "task": "$0.id", "description": "@bo"},
    ]
    results = (await owner.post("/api/v1/tasks/batch", json={"operations": operations})).json()["results"]
    assert [result["body"]["mentions"] for result in results] == [[maria], [str(people[1].id)]]
    template = {"name": "R", "description": "For @maria"}
    made = (await owner.post("/api/v1/projects/WEB/templates", json=template)).json()
    assert (await owner.post(TASKS, json={"template_id": made["id"]})).json()["mentions"] == [maria]
    copied = await owner.post(f"/api/v1/tasks/{ids[0]}/duplicate", json={"project": "OPS"})
    assert (copied.json()["description"], copied.json()["mentions"]) == ("@maria", [])
    await owner.post("/api/v1/projects/WEB/duplicate", json={"key": "COPY", "name": "C", "include_tasks": True})
    copies = await walk(owner, "/api/v1/projects/COPY/tasks")
    assert {task["description"] for task in copies} >= {"@maria", "@bo"}
    assert [task["mentions"] for task in copies] == [[]] * len(copies)


async def test_a_task_that_comes_again_names_them_again(
    owner: httpx.AsyncClient, web: MadeProject, people: list[Person]
) -> None:
    await owner.post(TASKS, json={"title": "T", "description": "@maria"})
    await owner.put(f"{WEB_1}/recurrence", json={"rule": "FREQ=DAILY"})
    await owner.post(f"{WEB_1}/complete")
    assert (await watchers(owner, "/api/v1/tasks/WEB-2"))["maria"] == ["mentioned"]


async def test_a_text_without_names_asks_nothing(
    owner: httpx.AsyncClient,
    web: MadeProject,
    people: list[Person],
    count_statements: Counting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await owner.post(TASKS, json={"title": "T"})
    with monkeypatch.context() as unread:
        unread.setattr(markdown, "names_in", None)
        async with count_statements() as of_title:
            await owner.patch(WEB_1, json={"title": "Other"})
        async with count_statements() as of_text:
            await owner.patch(WEB_1, json={"description": "me@example.com " * 100})
        assert len(of_text) == len(of_title)
    async with count_statements() as of_name:
        await owner.patch(WEB_1, json={"description": "@maria"})
    assert len(of_name) == len(of_text) + 1
