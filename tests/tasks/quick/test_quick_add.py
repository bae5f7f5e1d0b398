"""One line of text becomes a task of the right project, by the rights of whoever writes it."""

from typing import Any

import httpx
import pytest
import time_machine

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem
from tests.support.factory import PASSWORD, Factory, MadeProject, Person

QUICK = "/api/v1/tasks/quick"
# Longer than the names of PostgreSQL, with which a text can be taken for.
NEARER = "Näher dran " + "und immer näher " * 6 + "da"


async def quick(client: httpx.AsyncClient, text: str, project: str | None = "WEB") -> httpx.Response:
    return await client.post(QUICK, json={"text": text} | ({} if project is None else {"project": project}))


async def at_half_past_nine(make: Factory, person: Person, text: str) -> httpx.Response:
    """On the 21st of November 2026, in UTC."""
    with time_machine.travel("2026-11-21T09:30:00Z", tick=False):
        async with make.client() as client:
            login = {"username": person.username, "password": PASSWORD}
            token = (await client.post("/api/v1/auth/login", json=login)).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            return await quick(client, text)


async def test_a_line_becomes_a_task_and_says_what_was_understood(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    maria = await make.member(web, ProjectRole.VIEWER, await make.user("Maria", full_name="Maria Berger"))
    label = (await owner.post("/api/v1/projects/WEB/labels", json={"name": "Bug", "color": "#d73a4a"})).json()
    made = await at_half_past_nine(make, web.owner, "Fix login !high @maria #bug tomorrow 17:00 every 2 weeks")
    assert made.status_code == 201, made.text
    task, understood = made.json()["task"], made.json()["understood"]
    assert made.headers["location"] == f"/api/v1/tasks/{task['id']}"
    assert (task["title"], task["priority"], task["assignee_ids"]) == ("Fix login", "high", [str(maria.id)])
    assert (task["due_on"], task["due_at"]) == (None, "2026-11-22T17:00:00.000000Z")
    assert understood.pop("spans")[0] == {"start": 10, "end": 15, "kind": "priority", "value": "high"}
    assert understood == {
        "title": "Fix login",
        "project": "WEB",
        "priority": "high",
        "assignees": [{"id": str(maria.id), "username": "Maria", "full_name": "Maria Berger"}],
        "labels": [{"id": label["id"], "name": "Bug"}],
        "due_on": None,
        "due_at": "2026-11-22T17:00:00Z",
        "recurrence": {"rule": "FREQ=WEEKLY;INTERVAL=2", "mode": "schedule"},
        "not_understood": [],
    }


async def test_a_preview_stores_nothing(web: MadeProject, owner: httpx.AsyncClient) -> None:
    tried = await owner.post(
        QUICK, json={"text": "Fix login !1", "project": "WEB"}, headers={"Prefer": "validate-only"}
    )
    assert (tried.status_code, tried.headers["preference-applied"]) == (201, "validate-only")
    assert tried.json()["understood"]["priority"] == "urgent"
    assert (await owner.get("/api/v1/tasks/WEB-1")).status_code == 404


async def test_the_text_names_the_project_before_the_body_does(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    await make.project(key="FAR")
    for text, project, key, title in (
        ("Go", "WEB", "WEB-1", "Go"),
        ("Go +OTHER", "WEB", "OTHER-1", "Go"),
        ("Go +other", None, "OTHER-2", "Go"),
        ("Go +WEB +OTHER", None, "OTHER-3", "Go +WEB"),
        ("Go +FAR", "WEB", "WEB-2", "Go +FAR"),
        ("Go +NONE", str(web.id), "WEB-3", "Go +NONE"),
    ):
        made = (await quick(owner, text, project)).json()
        assert (made["task"]["key"], made["task"]["title"], made["understood"]["project"]) == (
            *(key, title, key.partition("-")[0]),
        )


async def test_who_writes_in_one_project_need_not_name_it(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    person = await make.user()
    client = client_for(person)
    assert faults(await quick(client, "Go", None)) == [("/project", "no_project_named")]
    await make.member(web, ProjectRole.VIEWER, person)
    assert faults(await quick(client, "Go", None)) == [("/project", "no_project_named")]
    own = await make.project(person, "OWN")
    assert (await quick(client, "Go", None)).json()["task"]["key"] == "OWN-1"
    await make.project(person)
    assert faults(await quick(client, "Go", None)) == [("/project", "no_project_named")]
    await client.patch(f"/api/v1/projects/{own.key}", json={"archived": True})
    assert (await quick(client, "Go", None)).status_code == 201


async def test_people_and_labels_are_those_of_the_project(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER")
    await make.member(other, ProjectRole.EDITOR, await make.user("eve"))
    await owner.post("/api/v1/projects/OTHER/labels", json={"name": "far", "color": "#d73a4a"})
    await owner.post("/api/v1/projects/WEB/labels", json={"name": NEARER, "color": "#d73a4a"})
    made = (await quick(owner, f'Ask @eve @me #far #"{NEARER.lower()}" today')).json()
    assert made["task"]["title"] == "Ask @eve #far"
    assert made["understood"]["not_understood"] == ["@eve", "#far"]
    assert made["task"]["assignee_ids"] == [str(web.owner.id)]
    assert [label["name"] for label in made["understood"]["labels"]] == [NEARER]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tomorrow !high", ("/text", "no_title")),
        ("\u200b tomorrow", ("/text", "no_title")),
        ("x" * 501, ("/text", "text_too_much")),
        ("", ("/text", "string_too_short")),
        ("   ", ("/text", "value_error")),
        ("x" * 1001, ("/text", "string_too_long")),
        ("two\nlines", ("/text", "value_error")),
    ],
)
async def test_a_text_that_makes_no_task_is_refused(
    text: str, told: tuple[str, str], web: MadeProject, owner: httpx.AsyncClient
) -> None:
    assert faults(await quick(owner, text)) == [told]


async def test_it_gives_no_right_more(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    viewer, stranger = client_for(await make.member(web, ProjectRole.VIEWER)), client_for(await make.user())
    assert problem(await quick(viewer, "Go")) == (403, "forbidden")
    assert problem(await quick(viewer, "Go +WEB", None)) == (403, "forbidden")
    assert problem(await quick(stranger, "Go")) == (404, "not_found")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await quick(owner, "Go")) == (409, "project_archived")


async def test_days_are_those_of_the_users_zone(web: MadeProject, make: Factory) -> None:
    async def due(zone: str) -> Any:
        person = await make.member(web, ProjectRole.EDITOR, await make.user(timezone=zone))
        return (await at_half_past_nine(make, person, "Go today 23:59")).json()["task"]["due_at"]

    assert await due("Pacific/Apia") == "2026-11-21T10:59:00.000000Z"
    assert await due("America/New_York") == "2026-11-22T04:59:00.000000Z"
