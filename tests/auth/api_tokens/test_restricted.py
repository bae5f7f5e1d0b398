"""A token for some projects finds these and no others, by whatever path it looks; the others are as good as missing."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.core.access.permissions import Scope
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, problem, walk
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject, Person
from tests.support.statements import Counting


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


@pytest.fixture
async def named(make: Factory, maria: Person) -> MadeProject:
    project = await make.project(maria, key="IN")
    for title in ("One", "Two"):
        await make.task(project, title)
    return project


@pytest.fixture
async def outside(make: Factory, maria: Person) -> MadeProject:
    project = await make.project(maria, key="OUT")
    await make.task(project, "Outside")
    return project


@pytest.fixture
async def script(
    make: Factory, maria: Person, named: MadeProject, outside: MadeProject, client_for: ClientFor
) -> httpx.AsyncClient:
    """All scopes, one project of two."""
    return carrying(client_for(None), await api_token(make, maria, *Scope, project_ids=[named.id]))


async def test_what_it_names_is_open(script: httpx.AsyncClient, named: MadeProject) -> None:
    assert (await script.get("/api/v1/tasks/IN-1")).json()["title"] == "One"
    assert (await script.patch("/api/v1/tasks/IN-1", json={"title": "New"})).json()["title"] == "New"
    assert (await script.get("/api/v1/projects/IN")).json()["role"] == "owner"
    assert (await script.patch("/api/v1/projects/IN", json={"name": "Inside"})).json()["name"] == "Inside"
    assert len(column(await script.get(named.tasks_path), "id")) == 2
    assert len(column(await script.get("/api/v1/projects/IN/members"), "role")) == 1


async def test_lists_and_counts_hold_what_it_names(script: httpx.AsyncClient) -> None:
    for query in ("include=total", "page=1", "include=total&assignee=none", "sort=due&include=total"):
        tasks = (await script.get(f"/api/v1/tasks?{query}")).json()
        assert (tasks["total"], {task["key"] for task in tasks["items"]}) == (2, {"IN-1", "IN-2"})
    projects = (await script.get("/api/v1/projects?include=total")).json()
    assert (projects["total"], [project["key"] for project in projects["items"]]) == (1, ["IN"])
    assert [task["key"] for task in await walk(script, "/api/v1/tasks", limit=1, sort="number")] == ["IN-1", "IN-2"]


async def test_archived_and_trashed_lists_hold_what_it_names(
    script: httpx.AsyncClient, maria: Person, client_for: ClientFor
) -> None:
    session = client_for(maria)
    await session.patch("/api/v1/projects/OUT", json={"archived": True})
    assert column(await script.get("/api/v1/projects?archived=true"), "key") == []
    await session.delete("/api/v1/projects/OUT")
    assert column(await script.get("/api/v1/projects?trashed=true"), "key") == []
    assert problem(await script.post("/api/v1/projects/OUT/restore")) == (404, "not_found")
    await session.delete("/api/v1/projects/IN")
    assert column(await script.get("/api/v1/projects?trashed=true"), "key") == ["IN"]


_ON_A_PROJECT: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/projects/{}", None),
    ("PATCH", "/projects/{}", {"name": "x"}),
    ("DELETE", "/projects/{}", None),
    ("GET", "/projects/{}/tasks", None),
    ("GET", "/projects/{}/tasks?include=total&open=true", None),
    ("POST", "/projects/{}/tasks", {"title": "x"}),
    ("POST", "/projects/{}/tasks", {"title": "x", "status": "done"}),
    ("GET", "/projects/{}/trash", None),
    ("GET", "/projects/{}/statuses", None),
    ("POST", "/projects/{}/statuses", {"key": "review", "name": "Review", "category": "started"}),
    ("GET", "/projects/{}/labels", None),
    ("POST", "/projects/{}/labels", {"name": "bug", "color": "#d73a4a"}),
    ("GET", "/projects/{}/members", None),
    ("POST", "/projects/{}/members", {"user_id": str(uuid4()), "role": "viewer"}),
]
_ON_A_TASK: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/tasks/{}", None),
    ("GET", "/tasks/{}?expand=project,parent", None),
    ("PATCH", "/tasks/{}", {"title": "x"}),
    ("DELETE", "/tasks/{}", None),
    ("DELETE", "/tasks/{}?permanent=true", None),
    ("POST", "/tasks/{}/complete", None),
    ("POST", "/tasks/{}/reopen", None),
    ("POST", "/tasks/{}/restore", None),
    ("POST", "/tasks/{}/move", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), _ON_A_PROJECT)
async def test_another_project_is_as_good_as_missing(
    method: str, path: str, body: dict[str, Any] | None, script: httpx.AsyncClient, outside: MadeProject
) -> None:
    names = ("OUT", str(outside.id), "NONE", str(uuid4()))
    await _assert_all_missing(script, method, path, body, names)


@pytest.mark.parametrize(("method", "path", "body"), _ON_A_TASK)
async def test_a_task_of_another_project_is_as_good_as_missing(
    method: str,
    path: str,
    body: dict[str, Any] | None,
    script: httpx.AsyncClient,
    maria: Person,
    client_for: ClientFor,
) -> None:
    session = client_for(maria)
    task = (await session.get("/api/v1/tasks/OUT-1")).json()
    await _assert_all_missing(script, method, path, body, ("OUT-1", task["id"], "OUT-9", str(uuid4())))
    assert (await session.get("/api/v1/tasks/OUT-1")).json() == task


async def test_a_task_cannot_be_moved_out_of_reach(script: httpx.AsyncClient) -> None:
    for project in ("OUT", "NONE"):
        assert problem(await script.post("/api/v1/tasks/IN-1/move", json={"project": project})) == (404, "not_found")


async def test_it_makes_no_projects(script: httpx.AsyncClient) -> None:
    refused = await script.post("/api/v1/projects", json={"key": "NEW", "name": "New"})
    assert problem(refused) == (403, "forbidden")


async def test_it_shows_people_of_its_projects_alone(
    script: httpx.AsyncClient, make: Factory, named: MadeProject, outside: MadeProject
) -> None:
    inside, elsewhere = await make.member(named, ProjectRole.VIEWER), await make.member(outside, ProjectRole.VIEWER)
    assert (await script.get(f"/api/v1/users/{inside.id}")).json()["username"] == inside.username
    assert problem(await script.get(f"/api/v1/users/{elsewhere.id}")) == (404, "not_found")


async def test_what_its_owner_leaves_is_closed_to_it(
    make: Factory, maria: Person, client_for: ClientFor, tables: Any
) -> None:
    project = await make.project()
    await make.member(project, ProjectRole.EDITOR, maria)
    script = carrying(client_for(None), await api_token(make, maria, *Scope, project_ids=[project.id]))
    assert (await script.get(f"/api/v1/projects/{project.key}")).status_code == 200
    await tables.execute("DELETE FROM members WHERE user_id = $1", maria.id)
    assert problem(await script.get(f"/api/v1/projects/{project.key}")) == (404, "not_found")


async def test_reads_stay_one_round_trip(
    script: httpx.AsyncClient, make: Factory, maria: Person, client_for: ClientFor, count_statements: Counting
) -> None:
    unrestricted = carrying(client_for(None), await api_token(make, maria, *Scope))
    for client in (script, unrestricted, client_for(maria)):
        await client.get("/api/v1/auth/validate")  # who it is, is remembered for a moment
        for path in ("/tasks/IN-1", "/tasks", "/projects/IN/tasks", "/projects/IN", "/projects"):
            async with count_statements() as seen:
                assert (await client.get(f"/api/v1{path}")).status_code == 200
            assert len(seen) == 1


async def _assert_all_missing(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None, names: tuple[str, ...]
) -> None:
    answers = []
    for name in names:
        answer = await client.request(method, f"/api/v1{path.format(name)}", json=body)
        assert problem(answer) == (404, "not_found"), answer.text
        answers.append({**answer.json(), "instance": "", "request_id": ""})
    assert all(answer == answers[0] for answer in answers)
