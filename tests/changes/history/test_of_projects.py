"""GET /projects/{project}/history: what happened in a project, of each kind what its reader may read."""

from typing import Any

import httpx

from taskapi.core.access.permissions import Scope
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, problem, walk
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject

HISTORY = "/api/v1/projects/WEB/history"


async def families(client: httpx.AsyncClient) -> set[str]:
    return {item["kind"].split(".")[0] for item in await walk(client, HISTORY, limit=50)}


async def fill(owner: httpx.AsyncClient) -> None:
    requests: list[tuple[str, dict[str, Any]]] = [
        ("/projects/WEB/tasks", {"title": "Task"}),
        ("/projects/WEB/labels", {"name": "bug", "color": "#d73a4a"}),
        ("/projects/WEB/invitations", {"email": "new@example.com", "role": "viewer"}),
        ("/projects/WEB/share-links", {"label": "Link"}),
        ("/views", {"name": "Mine", "project": "WEB"}),
        ("/tasks/WEB-1/reminders", {"at": "2999-01-01T09:00:00Z"}),
    ]
    for path, body in requests:
        answer = await owner.post(f"/api/v1{path}", json=body)
        assert answer.status_code == 201, answer.text


async def test_each_role_reads_what_it_may(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await fill(owner)
    for_all = {"project", "status", "member", "task", "label"}
    assert await families(client_for(await make.member(web, ProjectRole.EDITOR))) == for_all
    assert await families(client_for(await make.member(web, ProjectRole.ADMIN))) == {
        *for_all,
        "invitation",
        "share_link",
    }


async def test_an_api_token_needs_the_scope_of_what_it_is_told(
    make: Factory, client: httpx.AsyncClient, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await fill(owner)
    token = await api_token(make, web.owner, Scope.PROJECTS_READ)
    assert await families(carrying(client, token)) == {"project", "status", "label", "share_link"}
    token = await api_token(make, web.owner, Scope.TASKS_READ)
    assert problem(await carrying(client, token).get(HISTORY)) == (403, "insufficient_scope")


async def test_it_is_the_newest_first_and_of_no_other_project(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await make.task(await make.project(web.owner), "Elsewhere")
    await make.task(web, "One")
    await make.task(web, "Two")
    found = (await owner.get(HISTORY, params={"limit": 2, "include": "total"})).json()
    assert [item["subject_key"] for item in found["items"]] == ["WEB-2", "WEB-1"]
    assert found["total"] == len(await walk(owner, HISTORY, limit=3)) == 9


async def test_it_is_narrowed(make: Factory, owner: httpx.AsyncClient, web: MadeProject) -> None:
    await make.task(web)
    found = await owner.get(HISTORY, params={"kind": "task.created", "actor": "me"})
    assert column(found, "kind") == ["task.created"]
    assert (await owner.get(HISTORY, params={"until": "2000-01-01T00:00:00Z"})).json()["items"] == []


async def test_it_is_for_members_and_administrators(make: Factory, client_for: ClientFor, web: MadeProject) -> None:
    assert problem(await client_for(await make.user()).get(HISTORY)) == (404, "not_found")
    administrator = client_for(await make.user(admin=True))
    assert (await administrator.get(HISTORY)).status_code == 200
    assert (await client_for(web.owner).get(HISTORY, params={"kind": "admin.access"})).json()["items"] == []
