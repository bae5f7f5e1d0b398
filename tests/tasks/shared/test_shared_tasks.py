"""By a share link, the tasks of one project are listed as its members list them, but without people."""

from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem, titles, walk
from tests.support.factory import Factory, MadeProject


@pytest.fixture
async def shared(web: MadeProject, owner: httpx.AsyncClient) -> str:
    made = await owner.post("/api/v1/projects/WEB/share-links", json={})
    return f"/api/v1/shared/{made.json()['token']}/tasks"


@pytest.fixture
async def tasks(web: MadeProject, make: Factory) -> list[dict[str, Any]]:
    people = [str(web.owner.id)]
    made = [
        await make.task(web, "Paint", priority="high", due_on="2026-05-01"),
        await make.task(web, "Sweep", status="done", assignee_ids=people),
        await make.task(web, "Polish the door", priority="urgent"),
    ]
    elsewhere = await make.project(web.owner, "OTHER")
    await make.task(elsewhere, "Elsewhere")
    return made


async def test_they_are_what_members_see(
    shared: str, tasks: list[dict[str, Any]], owner: httpx.AsyncClient, client: httpx.AsyncClient, web: MadeProject
) -> None:
    answer = await client.get(shared)
    assert answer.json() == (await owner.get(web.tasks_path)).json()
    assert answer.headers["cache-control"] == "no-store"
    assert "@" not in answer.text
    assert web.owner.username not in answer.text


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"priority": ["high", "urgent"], "sort": "-priority"}, ["Polish the door", "Paint"]),
        ({"open": "false"}, ["Sweep"]),
        ({"status": "done"}, ["Sweep"]),
        ({"assignee": "none", "sort": "title"}, ["Paint", "Polish the door"]),
        ({"q": "door"}, ["Polish the door"]),
        ({"due_before": "2026-06-01"}, ["Paint"]),
        ({"parent": "none", "sort": "-number"}, ["Polish the door", "Sweep", "Paint"]),
        ({"page": 2, "limit": 2}, ["Polish the door"]),
    ],
)
async def test_filter_sort_and_page_are_the_same(
    params: dict[str, Any], expected: list[str], shared: str, tasks: list[dict[str, Any]], client: httpx.AsyncClient
) -> None:
    assert titles(await client.get(shared, params=params)) == expected


async def test_a_filter_by_people_takes_ids(
    web: MadeProject, shared: str, tasks: list[dict[str, Any]], client: httpx.AsyncClient
) -> None:
    assert titles(await client.get(shared, params={"assignee": str(web.owner.id)})) == ["Sweep"]
    assert len(titles(await client.get(shared, params={"creator": str(web.owner.id)}))) == 3


@pytest.mark.parametrize("password", [None, "open sesame, please"])
async def test_cursor_and_total_work_with_and_without_a_password(
    password: str | None, tasks: list[dict[str, Any]], owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    made = await owner.post("/api/v1/projects/WEB/share-links", json={"password": password})
    path = f"/api/v1/shared/{made.json()['token']}/tasks"
    if password:
        client.headers["X-Share-Password"] = password
    assert await walk(client, path, limit=1) == tasks
    counted = await client.get(path, params={"include": "total", "limit": 1})
    assert counted.json()["total"] == 3


async def test_a_cursor_of_one_link_opens_no_other(
    shared: str, tasks: list[dict[str, Any]], owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    cursor = (await client.get(shared, params={"limit": 1})).json()["next_cursor"]
    other = (await owner.post("/api/v1/projects/WEB/share-links", json={})).json()["token"]
    answer = await client.get(f"/api/v1/shared/{other}/tasks", params={"limit": 1, "cursor": cursor})
    assert problem(answer) == (400, "invalid_cursor")


async def test_an_empty_list_is_a_list(shared: str, client: httpx.AsyncClient) -> None:
    empty: dict[str, Any] = {"items": [], "next_cursor": None, "has_more": False}
    assert (await client.get(shared)).json() == empty
    assert (await client.get(shared, params={"include": "total"})).json() == {**empty, "total": 0}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"assignee": "me"}, [("/query/assignee/0", "string_pattern_mismatch")]),
        ({"creator": "me"}, [("/query/creator/0", "string_pattern_mismatch")]),
        ({"expand": "assignees"}, [("/query/expand", "extra_forbidden")]),
        ({"project": "OTHER"}, [("/query/project", "extra_forbidden")]),
    ],
)
async def test_there_is_no_me_and_nothing_to_expand(
    params: dict[str, str], expected: list[tuple[str, str]], shared: str, client: httpx.AsyncClient
) -> None:
    assert faults(await client.get(shared, params=params)) == expected


async def test_a_deleted_task_is_not_shown(
    shared: str, tasks: list[dict[str, Any]], owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await owner.delete(f"/api/v1/tasks/{tasks[0]['key']}")
    assert titles(await client.get(shared)) == ["Sweep", "Polish the door"]


async def test_who_is_signed_in_sees_by_a_link_what_anybody_sees(
    web: MadeProject, shared: str, tasks: list[dict[str, Any]], make: Factory, client_for: ClientFor
) -> None:
    for person in (await make.user(), await make.member(web, ProjectRole.EDITOR)):
        assert len(titles(await client_for(person).get(shared))) == 3
