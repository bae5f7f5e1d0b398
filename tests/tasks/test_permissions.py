"""Who may do what with tasks: outsiders find nothing, viewers write nothing, and an archive is frozen."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import headers, problem
from tests.support.factory import Factory, MadeProject

ON_A_TASK = [
    ("GET", "", None),
    ("PATCH", "", {"title": "New"}),
    ("DELETE", "", None),
    ("DELETE", "?permanent=true", None),
    ("POST", "/complete", None),
    ("POST", "/reopen", None),
    ("POST", "/restore", None),
    ("POST", "/move", {"status": "done"}),
]
ON_A_PROJECT = [("GET", "/tasks", None), ("POST", "/tasks", {"title": "T"}), ("GET", "/trash", None)]
WRITES = [
    ("POST", "/api/v1/projects/WEB/tasks", {"title": "T"}),
    ("PATCH", "/api/v1/tasks/WEB-1", {"title": "New"}),
    ("DELETE", "/api/v1/tasks/WEB-1", None),
    ("POST", "/api/v1/tasks/WEB-1/complete", None),
    ("POST", "/api/v1/tasks/WEB-2/reopen", None),
    ("POST", "/api/v1/tasks/WEB-3/restore", None),
    ("POST", "/api/v1/tasks/WEB-1/move", {"status": "done"}),
]
PURGE = ("DELETE", "/api/v1/tasks/WEB-1?permanent=true", None)
Body = dict[str, Any] | None


def comparable(response: httpx.Response) -> dict[str, Any]:
    """All that a refusal says, but for its address and its number."""
    assert response.status_code == 404
    kept = {name: value for name, value in headers(response).items() if name != "content-length"}
    return {**kept, **response.json(), "instance": "", "request_id": ""}


@pytest.fixture
async def tasks(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    """WEB-1 is open, WEB-2 done, WEB-3 in the trash."""
    await make.task(web)
    await make.task(web, status="done")
    await make.task(web)
    await owner.delete("/api/v1/tasks/WEB-3")


@pytest.mark.parametrize(("method", "path", "body"), ON_A_TASK)
async def test_to_an_outsider_a_foreign_task_is_as_absent_as_a_missing_one(
    method: str, path: str, body: Body, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    task = await make.task(web)
    outsider = client_for(await make.user())

    async def ask(name: str) -> dict[str, Any]:
        return comparable(await outsider.request(method, f"/api/v1/tasks/{name}{path}", json=body))

    missing = await ask("NONE-1")
    assert [await ask(name) for name in ("WEB-1", "WEB-2", task["id"], str(uuid4()), "nonsense")] == [missing] * 5


@pytest.mark.parametrize(("method", "path", "body"), ON_A_PROJECT)
async def test_to_an_outsider_a_foreign_project_is_as_absent_as_a_missing_one(
    method: str, path: str, body: Body, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    outsider = client_for(await make.user())

    async def ask(name: str) -> dict[str, Any]:
        return comparable(await outsider.request(method, f"/api/v1/projects/{name}{path}", json=body))

    missing = await ask("NONE")
    assert [await ask(name) for name in ("WEB", str(web.id), str(uuid4()), "web", "no name")] == [missing] * 5


async def test_a_stale_version_of_a_foreign_task_tells_nothing(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    outsider = client_for(await make.user())
    answers = [
        comparable(await outsider.patch(f"/api/v1/tasks/{key}", json={}, headers={"If-Match": '"9"'}))
        for key in ("WEB-1", "WEB-2")
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("role", [ProjectRole.VIEWER, ProjectRole.COMMENTER])
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_who_may_only_look_is_told_the_permission_that_is_missing(
    role: ProjectRole,
    method: str,
    path: str,
    body: Body,
    web: MadeProject,
    tasks: None,
    make: Factory,
    client_for: ClientFor,
) -> None:
    person = client_for(await make.member(web, role))
    refused = await person.request(method, path, json=body)
    assert problem(refused) == (403, "forbidden")
    assert "task:write" in refused.json()["detail"]
    assert role in refused.json()["detail"]


async def test_a_viewer_reads_everything(web: MadeProject, tasks: None, make: Factory, client_for: ClientFor) -> None:
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    for path in ("tasks/WEB-1", "tasks", "projects/WEB/tasks", "projects/WEB/trash"):
        assert (await viewer.get(f"/api/v1/{path}")).status_code == 200


@pytest.mark.parametrize("role", [ProjectRole.EDITOR, ProjectRole.ADMIN, ProjectRole.OWNER])
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_from_editor_up_everybody_writes(
    role: ProjectRole,
    method: str,
    path: str,
    body: Body,
    web: MadeProject,
    tasks: None,
    make: Factory,
    client_for: ClientFor,
) -> None:
    person = web.owner if role is ProjectRole.OWNER else await make.member(web, role)
    assert (await client_for(person).request(method, path, json=body)).is_success


@pytest.mark.parametrize(("method", "path", "body"), [*WRITES, PURGE])
async def test_an_archived_project_is_frozen(
    method: str, path: str, body: Body, tasks: None, owner: httpx.AsyncClient
) -> None:
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await owner.request(method, path, json=body)) == (409, "project_archived")
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    assert (await owner.request(method, path, json=body)).is_success


async def test_an_archived_project_can_be_read(tasks: None, owner: httpx.AsyncClient) -> None:
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert (await owner.get("/api/v1/tasks/WEB-1")).status_code == 200
    assert len((await owner.get("/api/v1/projects/WEB/tasks")).json()["items"]) == 2


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_without_a_token_nothing_is_looked_up(
    method: str, path: str, body: Body, tasks: None, client: httpx.AsyncClient
) -> None:
    refused = await client.request(method, path, json=body)
    assert problem(refused) == (401, "unauthorized")
    assert refused.headers["www-authenticate"] == "Bearer"
