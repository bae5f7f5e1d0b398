"""Members are listed by whoever is one, and added by whoever manages them, never above their own role."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, pointers, problem, walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject, Person
from tests.support.statements import Counting

MEMBERS = "/api/v1/projects/WEB/members"
ROLES = list(ProjectRole)


async def add(client: httpx.AsyncClient, person: Person, role: str) -> httpx.Response:
    return await client.post(MEMBERS, json={"user_id": str(person.id), "role": role})


@pytest.mark.parametrize("role", ROLES)
async def test_the_owner_adds_somebody_with_any_role(
    role: ProjectRole, web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    maria = await make.user("maria", full_name="Maria M")
    added = await add(owner, maria, role)
    assert added.status_code == 201
    assert added.json() == {
        "user": {"id": str(maria.id), "username": "maria", "full_name": "Maria M"},
        "role": role,
        "joined_at": IsDatetime(iso_string=True),
        "weekly_capacity": None,
        "version": 1,
    }
    assert added.headers["location"] == f"{MEMBERS}/{maria.id}"
    assert added.headers["etag"].startswith('"1-')
    assert (await client_for(maria).get("/api/v1/projects/WEB")).json()["role"] == role


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("granted", ROLES)
async def test_nobody_grants_above_their_own_role(
    own: ProjectRole, granted: ProjectRole, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    client = client_for(await make.member(web, own))
    answer = await add(client, await make.user(), granted)
    if own in {ProjectRole.ADMIN, ProjectRole.OWNER} and ROLES.index(granted) <= ROLES.index(own):
        assert answer.status_code == 201
    else:
        assert problem(answer) == (403, "forbidden")
        assert "member:manage" in answer.json()["detail"]


async def test_somebody_is_added_by_their_username_in_whatever_case(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    maria, gone = await make.user("maria"), await make.user("gone")
    added = await owner.post(MEMBERS, json={"username": "Maria", "role": "editor"})
    assert (added.status_code, added.json()["user"]["id"]) == (201, str(maria.id))
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", gone.id)
    for name in ("gone", "nobody"):
        refused = await owner.post(MEMBERS, json={"username": name, "role": "editor"})
        assert faults(refused) == [("/username", "unknown_user")]


async def test_a_member_is_named_once(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    maria = await make.user("maria")
    for body in ({}, {"user_id": str(maria.id), "username": "maria"}):
        assert pointers(await owner.post(MEMBERS, json={**body, "role": "viewer"})) == [""]


async def test_a_member_is_read_alone(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    maria = await make.member(web, ProjectRole.VIEWER)
    path = f"{MEMBERS}/{maria.id}"
    found = await client_for(maria).get(path)
    assert (found.status_code, found.headers["etag"][:3]) == (200, '"1-')
    assert found.json() in (await owner.get(MEMBERS)).json()["items"]
    changed = await owner.patch(path, json={"role": "editor"}, headers={"If-Match": found.headers["etag"]})
    again = await owner.get(path)
    assert (again.json(), again.headers["etag"][:3]) == (changed.json(), '"2-')
    assert again.json()["version"] == 2
    assert problem(await owner.get(f"{MEMBERS}/{(await make.user()).id}")) == (404, "not_found")


async def test_who_is_in_already_is_not_added_again(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    maria = await make.member(web, ProjectRole.VIEWER)
    assert problem(await add(owner, maria, "admin")) == (409, "already_member")
    assert problem(await add(owner, web.owner, "viewer")) == (409, "already_member")
    assert column(await owner.get(MEMBERS), "role") == ["owner", "viewer"]


async def test_who_does_not_exist_or_is_disabled_cannot_be_added(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    disabled = await make.user()
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", disabled.id)
    for user_id in (str(disabled.id), str(uuid4())):
        refused = await owner.post(MEMBERS, json={"user_id": user_id, "role": "viewer"})
        assert faults(refused) == [("/user_id", "unknown_user")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("user_id", "maria"), ("user_id", None), ("role", "boss"), ("role", None), ("email", "m@example.com")],
)
async def test_a_field_that_is_not_valid_is_pointed_at(
    field: str, value: Any, web: MadeProject, owner: httpx.AsyncClient
) -> None:
    refused = await owner.post(MEMBERS, json={"user_id": str(UUID(int=1)), "role": "viewer", field: value})
    assert pointers(refused) == [f"/{field}"]


async def test_an_archived_project_takes_no_members(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await add(owner, await make.user(), "viewer")) == (409, "project_archived")
    assert len(column(await owner.get(MEMBERS), "role")) == 1


async def test_everybody_in_the_project_sees_who_is_in_it(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    people = [web.owner, *[await make.member(web, ProjectRole.VIEWER) for _ in range(3)]]
    walked = await walk(client_for(people[-1]), MEMBERS, limit=2)
    assert [item["user"]["username"] for item in walked] == [person.username for person in people]
    assert all("email" not in item["user"] for item in walked)


async def test_members_have_pages_and_a_total(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for _ in range(2):
        await make.member(web, ProjectRole.EDITOR)
    page = (await owner.get(f"{MEMBERS}?limit=2&page=2")).json()
    assert (len(page["items"]), page["total"], page["has_more"]) == (1, 3, False)


async def test_a_list_of_members_takes_no_filter(web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert pointers(await owner.get(f"{MEMBERS}?role=owner")) == ["/query/role"]


async def test_the_change_log_tells_who_was_added(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    maria = await make.user()
    await add(owner, maria, "editor")
    last = (await entries(tables, maria.id))[-1]
    assert (last.kind, last.actor_id, last.project_id) == ("member.added", web.owner.id, web.id)
    assert last.changes == {
        "user_id": [None, str(maria.id)],
        "role": [None, "editor"],
        "weekly_capacity": [None, None],
    }


async def test_members_are_listed_in_two_round_trips(
    web: MadeProject, owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    await owner.get(MEMBERS)
    async with count_statements() as seen:
        await owner.get(MEMBERS)
    assert len(seen) == 2
