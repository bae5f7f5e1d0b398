"""Members leave by themselves, and an owner hands a project to somebody else; an owner always stays."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject, Person

LEAVE = "/api/v1/projects/WEB/leave"
TRANSFER = "/api/v1/projects/WEB/transfer"
ROLES = list(ProjectRole)


async def transfer(client: httpx.AsyncClient, person: Person) -> httpx.Response:
    return await client.post(TRANSFER, json={"user_id": str(person.id)})


async def roles(client: httpx.AsyncClient) -> dict[str, str]:
    items = (await client.get("/api/v1/projects/WEB/members")).json()["items"]
    return {item["user"]["username"]: item["role"] for item in items}


@pytest.mark.parametrize("role", ROLES)
async def test_anybody_leaves_while_an_owner_stays(
    role: ProjectRole, web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    person = await make.member(web, role)
    client = client_for(person)
    task = await make.task(web, assignee_ids=[str(person.id)])
    assert (await client.post(LEAVE)).status_code == 204
    assert problem(await client.get("/api/v1/projects/WEB")) == (404, "not_found")
    assert problem(await client.post(LEAVE)) == (404, "not_found")
    assert (await owner.get(f"/api/v1/tasks/{task['key']}")).json()["assignee_ids"] == []
    left = (await entries(tables, person.id))[-1]
    assert (left.kind, left.actor_id) == ("member.left", person.id)
    assert left.changes == {"user_id": [str(person.id), None], "role": [role, None], "weekly_capacity": [None, None]}
    assert await kinds(tables, task["id"]) == ["task.created", "task.updated"]


async def test_the_last_owner_cannot_leave_not_even_an_empty_project(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    assert problem(await owner.post(LEAVE)) == (409, "last_owner")
    await make.member(web, ProjectRole.ADMIN)
    assert problem(await owner.post(LEAVE)) == (409, "last_owner")
    await make.member(web, ProjectRole.OWNER)
    assert (await owner.post(LEAVE)).status_code == 204


async def test_an_archived_project_can_be_left_but_not_handed_over(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    somebody = await make.member(web, ProjectRole.VIEWER)
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await transfer(owner, somebody)) == (409, "project_archived")
    assert (await client_for(somebody).post(LEAVE)).status_code == 204


@pytest.mark.parametrize("role", ROLES)
async def test_an_owner_hands_the_project_to_any_member_and_stays_as_admin(
    role: ProjectRole, web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    heir = await make.member(web, role)
    answer = await transfer(owner, heir)
    assert answer.status_code == 200
    assert (answer.json()["key"], answer.json()["role"]) == ("WEB", "admin")
    assert await roles(owner) == {web.owner.username: "admin", heir.username: "owner"}
    log = await entries(tables)
    [fact] = [entry for entry in log if entry.kind == "project.transferred"]
    assert fact.changes == {"owner_id": [str(web.owner.id), str(heir.id)]}
    changed = [entry.changes["role"] for entry in log if entry.kind == "member.role_changed"]
    assert changed == ([[role, "owner"]] if role != "owner" else []) + [["owner", "admin"]]


@pytest.mark.parametrize("role", [role for role in ROLES if role is not ProjectRole.OWNER])
async def test_only_owners_hand_a_project_over(
    role: ProjectRole, web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    person = await make.member(web, role)
    for heir in (person, await make.user()):
        answer = await transfer(client_for(person), heir)
        assert problem(answer) == (403, "forbidden")
        assert "project:transfer" in answer.json()["detail"]
    assert (await roles(owner))[web.owner.username] == "owner"


async def test_a_stranger_is_as_unknown_an_heir_as_nobody(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    disabled = await make.member(web, ProjectRole.ADMIN)
    administrator = client_for(await make.user(admin=True))
    await administrator.patch(f"/api/v1/users/{disabled.id}", json={"is_active": False})
    details = set()
    for user_id in ((await make.user()).id, uuid4(), web.owner.id, disabled.id):
        answer = await owner.post(TRANSFER, json={"user_id": str(user_id)})
        assert faults(answer) == [("/user_id", "unknown_member")]
        details.add(answer.json()["errors"][0]["detail"])
    assert len(details) == 1
    assert (await roles(owner))[web.owner.username] == "owner"


async def test_an_administrator_of_the_service_gives_a_project_another_owner(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    administrator = client_for(await make.user(admin=True))
    heir = await make.member(web, ProjectRole.VIEWER)
    assert problem(await administrator.post(LEAVE)) == (404, "not_found")
    assert (await transfer(administrator, heir)).status_code == 200
    assert await roles(owner) == {web.owner.username: "owner", heir.username: "owner"}


@pytest.mark.parametrize("path", [LEAVE, TRANSFER])
async def test_outsiders_cannot_tell_a_project_from_none(
    path: str, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    outsider = client_for(await make.user())
    body = {"json": {"user_id": str(web.owner.id)}} if path == TRANSFER else {}
    found = await outsider.post(path, **body)  # type: ignore[arg-type]
    missing = await outsider.post(path.replace("WEB", "MISSING"), **body)  # type: ignore[arg-type]
    assert problem(found) == problem(missing) == (404, "not_found")
    assert found.json()["detail"] == missing.json()["detail"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [({}, [("/user_id", "missing")]), ({"user_id": str(uuid4()), "role": "owner"}, [("/role", "extra_forbidden")])],
)
async def test_a_transfer_names_one_user(
    body: dict[str, Any], expected: list[tuple[str, str]], web: MadeProject, owner: httpx.AsyncClient
) -> None:
    assert faults(await owner.post(TRANSFER, json=body)) == expected
