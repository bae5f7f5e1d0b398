"""Somebody is seen by those they share a project with; the address by those who manage one of these."""

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


@pytest.mark.parametrize(
    ("role", "email"),
    [
        (ProjectRole.VIEWER, None),
        (ProjectRole.COMMENTER, None),
        (ProjectRole.EDITOR, None),
        (ProjectRole.ADMIN, "maria@example.com"),
        (ProjectRole.OWNER, "maria@example.com"),
    ],
)
async def test_an_address_is_for_those_who_manage_the_project(
    role: ProjectRole, email: str | None, maria: Person, make: Factory, client_for: ClientFor
) -> None:
    project = await make.project()
    await make.member(project, ProjectRole.OWNER, maria)
    looker = client_for(await make.member(project, role))
    seen = (await looker.get(f"{USERS}/{maria.id}")).json()
    assert (seen["username"], seen["email"]) == ("maria", email)


async def test_managing_another_project_shows_no_address(maria: Person, make: Factory, client_for: ClientFor) -> None:
    shared, own = await make.project(), await make.project()
    await make.member(shared, ProjectRole.VIEWER, maria)
    await make.member(shared, ProjectRole.VIEWER, own.owner)
    assert (await client_for(own.owner).get(f"{USERS}/{maria.id}")).json()["email"] is None


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
