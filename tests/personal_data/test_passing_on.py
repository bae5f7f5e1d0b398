"""Nobody is kept in the service by a project that somebody drew them into: it passes to its most senior member."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.change_log import entries
from tests.support.databases import connect
from tests.support.factory import PASSWORD, Factory, MadeProject, Person
from tests.support.people import ME

pytestmark = pytest.mark.slow


async def delete_me(person: httpx.AsyncClient) -> httpx.Response:
    return await person.request("DELETE", ME, json={"password": PASSWORD})


@pytest.fixture
async def trap(make: Factory, ana: Person, client_for: ClientFor) -> MadeProject:
    """A stranger's project that ana owns alone; two viewers and an editor are in it, the older viewer disabled."""
    project = await make.project(key="TRAP")
    for number, role in enumerate((ProjectRole.VIEWER, ProjectRole.EDITOR, ProjectRole.EDITOR)):
        await make.member(project, role, await make.user(f"other{number}"))
    await make.member(project, ProjectRole.OWNER, ana)
    assert (await client_for(project.owner).post("/api/v1/projects/TRAP/leave")).status_code == 204
    return project


async def test_a_project_that_one_was_drawn_into_passes_to_its_most_senior_member(
    trap: MadeProject, ana: Person, mine: httpx.AsyncClient, tables: Any
) -> None:
    assert (await delete_me(mine)).status_code == 204
    roles = await tables.fetch(
        "SELECT username, m.role FROM members m JOIN users ON users.id = user_id WHERE project_id = $1", trap.id
    )
    assert {row["username"]: row["role"] for row in roles} == {
        "other0": "viewer",
        "other1": "owner",
        "other2": "editor",
    }
    assert await tables.fetchval("SELECT deleted_at FROM projects WHERE id = $1", trap.id) is None
    facts = [entry for entry in await entries(tables) if entry.project_id == trap.id and entry.actor_id == ana.id]
    assert [entry.kind for entry in facts] == ["project.transferred", "member.role_changed", "member.left"]
    heir = await tables.fetchval("SELECT id FROM users WHERE username = 'other1'")
    assert facts[0].changes == {"owner_id": [str(ana.id), str(heir)]}
    assert facts[1].changes == {"role": ["editor", "owner"]}


async def test_the_disabled_own_a_project_only_where_there_is_nobody_else(
    trap: MadeProject, mine: httpx.AsyncClient, admin: httpx.AsyncClient, tables: Any
) -> None:
    for name in ("other1", "other2"):
        user_id = await tables.fetchval("SELECT id FROM users WHERE username = $1", name)
        await admin.patch(f"/api/v1/users/{user_id}", json={"is_active": False})
    assert (await delete_me(mine)).status_code == 204
    owners = (
        "SELECT username FROM members m JOIN users ON users.id = user_id WHERE project_id = $1 AND m.role = 'owner'"
    )
    assert [row["username"] for row in await tables.fetch(owners, trap.id)] == ["other0"]


async def test_who_ever_wrote_in_it_has_to_say_who_owns_it(
    trap: MadeProject, mine: httpx.AsyncClient, ana: Person
) -> None:
    assert (await mine.post(trap.tasks_path, json={"title": "Mine"})).status_code == 201
    refused = await delete_me(mine)
    assert problem(refused) == (409, "last_owner")
    assert "TRAP" in refused.json()["detail"]


async def test_it_counts_that_it_was_long_ago_and_in_another_role(
    make: Factory, ana: Person, mine: httpx.AsyncClient, client_for: ClientFor
) -> None:
    project = await make.project(key="OLD")
    owner = client_for(project.owner)
    await make.member(project, ProjectRole.EDITOR, ana)
    task = (await mine.post(project.tasks_path, json={"title": "Mine"})).json()
    await mine.delete(f"/api/v1/tasks/{task['key']}")
    await owner.patch(f"/api/v1/projects/OLD/members/{ana.id}", json={"role": "owner"})
    await make.member(project, ProjectRole.VIEWER)
    await owner.post("/api/v1/projects/OLD/leave")
    assert problem(await delete_me(mine)) == (409, "last_owner")


async def test_coming_in_and_getting_out_is_not_writing(
    make: Factory, ana: Person, mine: httpx.AsyncClient, client_for: ClientFor
) -> None:
    """Not even where it takes her off a task, which is told in her name; and she may have handed it back before."""
    project = await make.project(key="TRAP")
    eve = client_for(project.owner)
    await make.member(project, ProjectRole.VIEWER)
    await make.member(project, ProjectRole.EDITOR, ana)
    await eve.post(project.tasks_path, json={"title": "Bait", "assignee_ids": [str(ana.id)]})
    assert (await mine.post("/api/v1/projects/TRAP/leave")).status_code == 204
    await make.member(project, ProjectRole.OWNER, ana)
    handed_back = await mine.post("/api/v1/projects/TRAP/transfer", json={"user_id": str(project.owner.id)})
    assert handed_back.status_code == 200
    await eve.patch(f"/api/v1/projects/TRAP/members/{ana.id}", json={"role": "owner"})
    assert (await eve.post("/api/v1/projects/TRAP/leave")).status_code == 204
    assert (await delete_me(mine)).status_code == 204


async def test_administrators_delete_such_accounts_too(
    trap: MadeProject, ana: Person, admin: httpx.AsyncClient, tables: Any
) -> None:
    assert (await admin.get("/api/v1/projects/TRAP")).status_code == 200
    assert (await admin.delete(f"/api/v1/users/{ana.id}")).status_code == 204
    owners = "SELECT count(*) FROM members WHERE project_id = $1 AND role = 'owner'"
    assert await tables.fetchval(owners, trap.id) == 1


async def test_trying_it_out_passes_nothing_on(trap: MadeProject, mine: httpx.AsyncClient, tables: Any) -> None:
    tried = await mine.request("DELETE", ME, json={"password": PASSWORD}, headers={"Prefer": "validate-only"})
    assert tried.status_code == 204
    owners = (
        "SELECT username FROM members m JOIN users ON users.id = user_id WHERE project_id = $1 AND m.role = 'owner'"
    )
    assert [row["username"] for row in await tables.fetch(owners, trap.id)] == ["ana"]


async def test_many_projects_at_once(make: Factory, ana: Person, mine: httpx.AsyncClient, tables: Any) -> None:
    eve = await make.user("eve")
    for _ in range(10):
        project = await make.project(eve)
        await make.member(project, ProjectRole.OWNER, ana)
        await make.client(eve).patch(f"/api/v1/projects/{project.key}/members/{eve.id}", json={"role": "viewer"})
    assert (await delete_me(mine)).status_code == 204
    assert await tables.fetchval("SELECT count(*) FROM members WHERE user_id = $1 AND role = 'owner'", eve.id) == 10


async def test_of_two_owners_who_go_at_once_the_one_who_wrote_stays_or_both_are_gone(
    live: Factory, database_url: str
) -> None:
    """Whoever is last passes it on, or is told to: there is an owner in the end, whatever came first."""
    connection = await connect(database_url)
    for _ in range(15):
        project = await live.project()
        other = await live.member(project, ProjectRole.OWNER)
        heir = await live.member(project, ProjectRole.VIEWER)
        async with live.client(project.owner) as first, live.client(other) as second:
            wrote, drawn_in = await asyncio.gather(delete_me(first), delete_me(second))
        assert drawn_in.status_code == 204
        assert wrote.status_code in {204, 409}
        owners = await connection.fetch(
            "SELECT user_id FROM members WHERE project_id = $1 AND role = 'owner'", project.id
        )
        assert [row["user_id"] for row in owners] == [heir.id if wrote.status_code == 204 else project.owner.id]
    await connection.close()


async def test_an_owner_and_the_heir_who_go_at_once_leave_the_project_to_the_third(
    live: Factory, database_url: str
) -> None:
    connection = await connect(database_url)
    for _ in range(15):
        project = await live.project()
        ana = await live.member(project, ProjectRole.OWNER)
        bob = await live.member(project, ProjectRole.ADMIN)
        third = await live.member(project, ProjectRole.VIEWER)
        assert (await live.client(project.owner).post(f"/api/v1/projects/{project.key}/leave")).status_code == 204
        async with live.client(ana) as first, live.client(bob) as second:
            answers = await asyncio.gather(delete_me(first), delete_me(second))
        assert [answer.status_code for answer in answers] == [204, 204]
        left = await connection.fetch("SELECT user_id, role FROM members WHERE project_id = $1", project.id)
        assert [(row["user_id"], row["role"]) for row in left] == [(third.id, "owner")]
    await connection.close()
