"""Somebody is seen by those they share a project with; the address by themselves and administrators alone."""

import io
import zipfile
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.factory import Factory, Person
from tests.support.statements import Counting

USERS = "/api/v1/users"


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


@pytest.mark.parametrize("role", ProjectRole)
async def test_no_role_in_a_project_shows_an_address(
    role: ProjectRole, maria: Person, make: Factory, client_for: ClientFor
) -> None:
    project = await make.project()
    await make.member(project, ProjectRole.OWNER, maria)
    looker = client_for(await make.member(project, role))
    seen = (await looker.get(f"{USERS}/{maria.id}")).json()
    assert (seen["username"], seen["email"]) == ("maria", None)


async def test_who_is_drawn_into_a_project_keeps_the_address(
    maria: Person, make: Factory, client_for: ClientFor
) -> None:
    """Anybody makes a project and adds whom they like: no answer of any route may hold the address then."""
    eve = await make.user("eve")
    mine = client_for(eve)
    await mine.post("/api/v1/projects", json={"key": "EVE", "name": "Mine"})
    added = await mine.post("/api/v1/projects/EVE/members", json={"username": "maria", "role": "owner"})
    assert added.status_code == 201
    task = await mine.post("/api/v1/projects/EVE/tasks", json={"title": "T", "assignee_ids": [str(maria.id)]})
    assert task.status_code == 201
    looks = (
        f"{USERS}/{maria.id}",
        "/api/v1/projects/EVE",
        "/api/v1/projects/EVE/members",
        f"/api/v1/projects/EVE/members/{maria.id}",
        "/api/v1/projects/EVE/invitations",
        "/api/v1/tasks/EVE-1?expand=assignees,creator",
        "/api/v1/projects/EVE/tasks?expand=assignees,creator",
        "/api/v1/users/me/export",
    )
    for path in looks:
        answer = await mine.get(path)
        assert answer.status_code == 200, path
        content = answer.content
        if answer.headers["content-type"] == "application/zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = b"".join(archive.read(name) for name in archive.namelist())
            assert b"eve@example.com" in content
        assert maria.email.encode() not in content, path


async def test_i_see_my_own_address(maria: Person, client_for: ClientFor) -> None:
    assert (await client_for(maria).get(f"{USERS}/{maria.id}")).json()["email"] == "maria@example.com"


async def test_an_administrator_sees_everybody(maria: Person, make: Factory, client_for: ClientFor) -> None:
    admin = client_for(await make.user(admin=True))
    assert (await admin.get(f"{USERS}/{maria.id}")).json()["email"] == "maria@example.com"


async def test_a_stranger_is_as_absent_as_nobody(maria: Person, make: Factory, client_for: ClientFor) -> None:
    await make.member(await make.project(), ProjectRole.VIEWER, maria)
    stranger = client_for(await make.user())
    answers: list[httpx.Response] = [await stranger.get(f"{USERS}/{name}") for name in (maria.id, uuid4())]
    assert [problem(answer) for answer in answers] == [(404, "not_found")] * 2
    blank = {"instance": "", "request_id": ""}
    assert answers[0].json() | blank == answers[1].json() | blank


async def test_somebody_is_named_by_id(maria: Person, client_for: ClientFor) -> None:
    assert pointers(await client_for(maria).get(f"{USERS}/maria")) == ["/path/user_id"]


async def test_nobody_is_seen_without_signing_in(maria: Person, client: httpx.AsyncClient) -> None:
    for name in (maria.id, "maria"):
        assert problem(await client.get(f"{USERS}/{name}")) == (401, "unauthorized")


async def test_somebody_is_read_in_one_round_trip(
    maria: Person, client_for: ClientFor, count_statements: Counting
) -> None:
    mine = client_for(maria)
    await mine.get(f"{USERS}/{maria.id}")
    async with count_statements() as seen:
        await mine.get(f"{USERS}/{maria.id}")
    assert len(seen) == 1
