"""`Prefer: validate-only` answers what would have been, and nothing has."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.support.answers import pointers, problem
from tests.support.change_log import kinds
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"
TRY = {"Prefer": "validate-only"}


@pytest.fixture
async def web(make: Factory) -> MadeProject:
    project = await make.project(key="WEB")
    await make.task(project)
    return project


async def test_it_answers_what_would_have_been(owner: httpx.AsyncClient) -> None:
    tried = await owner.post(TASKS, json={"title": "T"}, headers=TRY)
    assert (tried.status_code, tried.json()["key"], tried.headers["etag"]) == (201, "WEB-2", '"1"')
    assert tried.headers["preference-applied"] == "validate-only"
    assert problem(await owner.get("/api/v1/tasks/WEB-2")) == (404, "not_found")
    assert (await owner.post(TASKS, json={"title": "T"})).json()["key"] == "WEB-2"


async def test_it_refuses_what_would_have_been_refused(owner: httpx.AsyncClient, make: Factory) -> None:
    assert pointers(await owner.post(TASKS, json={"title": ""}, headers=TRY)) == ["/title"]
    assert pointers(await owner.post(TASKS, json={"title": "T", "parent_id": str(uuid4())}, headers=TRY)) == [
        "/parent_id"
    ]
    stale = await owner.patch("/api/v1/tasks/WEB-1", json={"title": "New"}, headers=TRY | {"If-Match": '"9"'})
    assert problem(stale) == (412, "precondition_failed")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/v1/tasks/WEB-1", {"title": "New"}),
        ("DELETE", "/api/v1/tasks/WEB-1", None),
        ("DELETE", "/api/v1/tasks/WEB-1?permanent=true", None),
        ("POST", "/api/v1/tasks/WEB-1/complete", None),
        ("POST", "/api/v1/tasks/WEB-1/move", {"status": "done"}),
        ("POST", "/api/v1/projects", {"key": "NEW", "name": "N"}),
        ("PATCH", "/api/v1/projects/WEB", {"archived": True}),
        ("DELETE", "/api/v1/projects/WEB", None),
        ("PATCH", "/api/v1/users/me", {"locale": "de"}),
    ],
)
async def test_nothing_is_stored(
    method: str, path: str, body: dict[str, Any] | None, owner: httpx.AsyncClient, tables: Any
) -> None:
    before = await kinds(tables)
    tried = await owner.request(method, path, json=body, headers=TRY)
    assert tried.is_success
    assert tried.headers["preference-applied"] == "validate-only"
    assert await kinds(tables) == before
    done = await owner.request(method, path, json=body)
    assert done.status_code == tried.status_code
    assert "preference-applied" not in done.headers


async def test_members_are_not_added(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    body = {"user_id": str((await make.user()).id), "role": ProjectRole.VIEWER}
    for _ in range(2):
        tried = await owner.post("/api/v1/projects/WEB/members", json=body, headers=TRY)
        assert tried.status_code == 201


@pytest.mark.parametrize(
    "prefer",
    [
        "validate-only",
        "Validate-Only",
        "respond-async, validate-only",
        "validate-only; strict=1, return=minimal",
        " validate-only ",
    ],
)
async def test_the_preference_is_found_among_others_whatever_its_case(prefer: str, owner: httpx.AsyncClient) -> None:
    tried = await owner.post(TASKS, json={"title": "T"}, headers={"Prefer": prefer})
    assert "preference-applied" in tried.headers
    assert len((await owner.get(TASKS)).json()["items"]) == 1


async def test_the_preference_is_found_in_any_of_several_headers(owner: httpx.AsyncClient) -> None:
    headers = [("Prefer", "respond-async"), ("Prefer", "validate-only")]
    assert "preference-applied" in (await owner.post(TASKS, json={"title": "T"}, headers=headers)).headers


@pytest.mark.parametrize("prefer", ["", "return=minimal", "x-validate-only", "validate-only-not", 'x="validate-only"'])
async def test_another_preference_is_none(prefer: str, owner: httpx.AsyncClient) -> None:
    done = await owner.post(TASKS, json={"title": "T"}, headers={"Prefer": prefer})
    assert "preference-applied" not in done.headers
    assert len((await owner.get(TASKS)).json()["items"]) == 2


async def test_reading_is_never_a_try(owner: httpx.AsyncClient) -> None:
    assert "preference-applied" not in (await owner.get(TASKS, headers=TRY)).headers
