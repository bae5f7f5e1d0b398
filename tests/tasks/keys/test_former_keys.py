"""A task that moved is found under the key it had, by whoever may see it, and by nobody else."""

from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.proof.requests import operations
from tests.support.answers import problem
from tests.support.api_tokens import api_token
from tests.support.change_log import kinds
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

OLD = "/api/v1/tasks/WEB-1"


@pytest.fixture
async def other(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> MadeProject:
    """Where WEB-1 went, as OTHER-1."""
    other = await make.project(web.owner, "OTHER")
    await make.task(web)
    assert (await owner.post(f"{OLD}/move", json={"project": "OTHER"})).status_code == 200
    return other


def location(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (308, b"", "no-store"), answer.text
    return answer.headers["location"]


async def test_every_method_is_sent_to_the_new_key(other: MadeProject, owner: httpx.AsyncClient) -> None:
    assert location(await owner.get(f"{OLD}?expand=parent")) == "/api/v1/tasks/OTHER-1?expand=parent"
    assert location(await owner.head(OLD)) == "/api/v1/tasks/OTHER-1"
    assert location(await owner.patch(OLD, json={"title": "x"})) == "/api/v1/tasks/OTHER-1"
    assert location(await owner.delete(OLD)) == "/api/v1/tasks/OTHER-1"
    assert location(await owner.post(f"{OLD}/complete")) == "/api/v1/tasks/OTHER-1/complete"
    assert location(await owner.post(f"{OLD}/checklist", json={"text": "x"})) == "/api/v1/tasks/OTHER-1/checklist"
    assert (await owner.get("/api/v1/tasks/OTHER-1")).json()["version"] == 2


async def test_a_client_that_follows_does_what_it_meant_once(other: MadeProject, owner: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}
    for _ in range(2):
        done = await owner.post(f"{OLD}/complete", headers=headers, follow_redirects=True)
        assert (done.status_code, done.json()["key"], done.json()["version"]) == (200, "OTHER-1", 3)


async def test_every_key_a_task_ever_had_leads_to_the_one_it_has(
    other: MadeProject, owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await owner.post("/api/v1/tasks/OTHER-1/move", json={"project": "WEB"})
    for old in ("WEB-1", "OTHER-1"):
        assert location(await owner.get(f"/api/v1/tasks/{old}")) == "/api/v1/tasks/WEB-2"
    assert (await make.task(web))["key"] == "WEB-3"


async def test_subtasks_are_found_too(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.project(web.owner, "OTHER")
    top = await make.task(web)
    await make.task(web, parent_id=top["id"])
    await owner.post(f"{OLD}/move", json={"project": "OTHER"})
    assert location(await owner.get("/api/v1/tasks/WEB-2")) == "/api/v1/tasks/OTHER-2"


async def test_who_may_not_see_the_task_is_told_nothing(
    other: MadeProject, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    person = await make.member(web, ProjectRole.OWNER)
    client = client_for(person)
    refused, missing = await client.get(OLD), await client.get("/api/v1/tasks/WEB-9")
    assert problem(refused) == (404, "not_found")
    assert refused.json()["detail"] == missing.json()["detail"]
    await make.member(other, ProjectRole.VIEWER, person)
    assert location(await client.get(OLD)) == "/api/v1/tasks/OTHER-1"
    token = await api_token(make, person, "tasks:read", project_ids=[web.id])
    client.headers["Authorization"] = f"Bearer {token}"
    assert problem(await client.get(OLD)) == (404, "not_found")


async def test_an_administrators_look_is_told(
    other: MadeProject, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    admin = client_for(await make.user(admin=True))
    assert location(await admin.get(OLD)) == "/api/v1/tasks/OTHER-1"
    assert await kinds(tables, other.id) == ["project.created", "admin.access"]


async def test_nobody_is_sent_to_what_is_in_the_trash_or_gone(other: MadeProject, owner: httpx.AsyncClient) -> None:
    await owner.delete("/api/v1/tasks/OTHER-1")
    assert problem(await owner.get(OLD)) == (404, "not_found")
    await owner.post("/api/v1/tasks/OTHER-1/restore")
    assert location(await owner.get(OLD)) == "/api/v1/tasks/OTHER-1"
    await owner.delete("/api/v1/projects/OTHER")
    assert problem(await owner.get(OLD)) == (404, "not_found")
    await owner.post("/api/v1/projects/OTHER/restore")
    await owner.delete("/api/v1/tasks/OTHER-1?permanent=true")
    assert problem(await owner.get(OLD)) == (404, "not_found")


async def test_who_finds_a_task_at_once_pays_nothing(
    other: MadeProject, owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    async with count_statements() as seen:
        await owner.get("/api/v1/tasks/OTHER-1")
    assert len(seen) == 1


async def test_every_route_of_a_task_declares_it(make: Factory) -> None:
    for operation in operations(make.app):
        assert ("308" in operation.document["responses"]) == ("task" in operation.parameters), operation.name
