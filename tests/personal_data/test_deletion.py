"""An account is deleted for good: what is personal goes, what was written for others stays."""

from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem
from tests.support.authenticator import set_up
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox
from tests.support.people import ME, is_alive, sign_in


async def delete_me(person: httpx.AsyncClient, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return await person.request("DELETE", ME, json={"password": password}, headers=headers)


async def test_the_account_is_gone(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    gone = await delete_me(mine)
    assert (gone.status_code, gone.content) == (204, b"")
    assert not await is_alive(client, ana)
    for login in ("ana", ana.email):
        assert problem(await sign_in(client, login)) == (401, "invalid_credentials")
    refreshed = await client.post("/api/v1/auth/refresh", json={"refresh_token": ana.refresh_token})
    assert problem(refreshed) == (401, "invalid_token")
    assert problem(await admin.get(f"/api/v1/users/{ana.id}")) == (404, "not_found")
    assert column(await admin.get("/api/v1/users"), "username") == ["root"]
    enabled = await admin.patch(f"/api/v1/users/{ana.id}", json={"is_active": True})
    assert problem(enabled) == (404, "not_found")


async def test_it_needs_the_password(client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient) -> None:
    assert problem(await delete_me(mine, "not mine")) == (403, "wrong_password")
    assert pointers(await mine.request("DELETE", ME, json={})) == ["/password"]
    assert await is_alive(client, ana)


async def test_a_stale_version_stops_it(mine: httpx.AsyncClient, ana: Person) -> None:
    stale = await delete_me(mine, **{"If-Match": '"7"'})
    assert problem(stale) == (412, "precondition_failed")
    assert (await delete_me(mine, **{"If-Match": '"1"'})).status_code == 204


async def test_nothing_personal_is_left_in_any_table(
    mine: httpx.AsyncClient, ana: Person, mailbox: Mailbox, tables: Any, client: httpx.AsyncClient
) -> None:
    await set_up(mine)
    token = {"name": "script", "scopes": ["tasks:read"], "expires_at": "2027-01-01T00:00:00Z"}
    assert (await mine.post("/api/v1/auth/tokens", json=token)).status_code == 201
    await mine.patch(ME, json={"email": "ana.new@example.com", "current_password": PASSWORD})
    await client.post("/api/v1/auth/password/forgot", json={"email": ana.email})
    await mailbox.collect()
    assert (await delete_me(mine, **{"Idempotency-Key": "last"})).status_code == 204
    [told] = await mailbox.collect()
    assert (told["To"], told["Subject"]) == (ana.email, "Your account was deleted")
    names = await tables.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (name,) in names:
        rows = str(await tables.fetch(f'SELECT * FROM "{name}"'))
        for personal in ("ana@example.com", "ana.new@example.com", "Ana Example", "'ana'", "argon2"):
            assert personal not in rows, f"{personal} is left in {name}"
        # Counters of failed sign-ins are forgotten when their window is over.
        if name not in {"users", "events", "idempotent_answers", "sign_in_limits"}:
            assert str(ana.id) not in rows, f"the account is left in {name}"


async def test_the_name_and_the_address_are_free_again(mine: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    await delete_me(mine)
    body = {"username": "ana", "email": "ana@example.com", "password": PASSWORD}
    assert (await client.post("/api/v1/auth/register", json=body)).status_code == 201


async def test_two_deleted_accounts_do_not_get_in_each_others_way(
    mine: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    other = client_for(await make.user())
    assert [(await delete_me(person)).status_code for person in (mine, other)] == [204, 204]


async def test_what_was_written_stays_as_by_a_deleted_user(
    mine: httpx.AsyncClient, ana: Person, make: Factory, client_for: ClientFor
) -> None:
    project = await make.project(key="WEB")
    await make.member(project, ProjectRole.EDITOR, ana)
    made = await mine.post(project.tasks_path, json={"title": "Left behind", "assignee_ids": [str(ana.id)]})
    assert made.status_code == 201, made.text
    assert (await delete_me(mine)).status_code == 204
    owner = client_for(project.owner)
    task = (await owner.get("/api/v1/tasks/WEB-1", params={"expand": "creator"})).json()
    assert (task["title"], task["created_by"], task["assignee_ids"]) == ("Left behind", str(ana.id), [])
    assert task["creator"]["full_name"] == "Deleted user"
    assert task["creator"]["username"] == f"deleted:{ana.id.hex}"
    members = column(await owner.get("/api/v1/projects/WEB/members"), "user")
    assert [member["id"] for member in members] == [str(project.owner.id)]


async def test_the_last_owner_of_a_project_with_others_has_to_stay(
    client: httpx.AsyncClient, mine: httpx.AsyncClient, ana: Person, make: Factory
) -> None:
    shared = await make.project(ana, key="WEB")
    alone = await make.project(ana, key="SOLO")
    other = await make.member(shared, ProjectRole.ADMIN)
    refused = await delete_me(mine)
    assert problem(refused) == (409, "last_owner")
    assert "WEB" in refused.json()["detail"]
    assert "SOLO" not in refused.json()["detail"]
    assert await is_alive(client, ana)
    assert (await mine.get(f"/api/v1/projects/{alone.key}")).status_code == 200
    handed_over = await mine.post("/api/v1/projects/WEB/transfer", json={"user_id": str(other.id)})
    assert handed_over.status_code == 200
    assert (await delete_me(mine)).status_code == 204


async def test_a_project_without_others_goes_to_the_trash(
    mine: httpx.AsyncClient, ana: Person, make: Factory, tables: Any
) -> None:
    project = await make.project(ana)
    assert (await delete_me(mine)).status_code == 204
    assert await tables.fetchval("SELECT deleted_at FROM projects WHERE id = $1", project.id) is not None
    assert await tables.fetchval("SELECT count(*) FROM members WHERE project_id = $1", project.id) == 0
    assert "project.deleted" in await kinds(tables, project.id)


@pytest.mark.parametrize("role", [ProjectRole.OWNER, ProjectRole.EDITOR])
async def test_a_project_in_the_trash_does_not_list_them_once_it_is_restored(
    role: ProjectRole, mine: httpx.AsyncClient, ana: Person, make: Factory, client_for: ClientFor
) -> None:
    """Of the last owner it passes to whoever is next, although they wrote in it: they have thrown it away."""
    project = await make.project(ana if role is ProjectRole.OWNER else None, key="OLD")
    if role is not ProjectRole.OWNER:
        await make.member(project, role, ana)
    heir = await make.member(project, ProjectRole.ADMIN)
    await make.task(project, assignee_ids=[str(ana.id)])
    assert (await client_for(project.owner).delete("/api/v1/projects/OLD")).status_code == 204
    assert (await delete_me(mine)).status_code == 204
    restorer = client_for(heir if role is ProjectRole.OWNER else project.owner)
    assert (await restorer.post(f"/api/v1/projects/{project.id}/restore")).status_code == 200
    members = (await restorer.get("/api/v1/projects/OLD/members")).json()["items"]
    assert str(ana.id) not in {member["user"]["id"] for member in members}
    assert "owner" in {member["role"] for member in members}
    assert (await restorer.get("/api/v1/tasks/OLD-1")).json()["assignee_ids"] == []


async def test_the_change_log_tells_that_it_happened_and_not_who_it_was(
    mine: httpx.AsyncClient, ana: Person, tables: Any
) -> None:
    await mine.patch(ME, json={"full_name": "Ana Else", "timezone": "Europe/Vienna"})
    await delete_me(mine)
    about = await entries(tables, ana.id)
    assert [entry.kind for entry in about] == ["user.registered", "user.updated", "user.deleted"]
    assert all(entry.subject_key is None for entry in about)
    assert about[1].changes == {"timezone": ["UTC", "Europe/Vienna"]}
    assert about[2].changes == {"deleted": [False, True]}
    started = [entry for entry in await entries(tables) if entry.kind == "session.started"]
    assert set(started[0].changes) == {"user_id", "created_at", "expires_at"}, "where it was is forgotten"


async def test_the_last_administrator_has_to_stay(admin: httpx.AsyncClient) -> None:
    assert problem(await delete_me(admin)) == (409, "last_administrator")


async def test_administrators_delete_accounts_without_their_passwords(
    client: httpx.AsyncClient, ana: Person, make: Factory, admin: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    project = await make.project()
    await make.member(project, ProjectRole.VIEWER, ana)
    assert (await admin.delete(f"/api/v1/users/{ana.id}")).status_code == 204
    assert not await is_alive(client, ana)
    assert [mail["To"] for mail in await mailbox.collect()] == [ana.email]
    fact = (await entries(tables, ana.id))[-1]
    root = (await admin.get(ME)).json()["id"]
    assert (fact.kind, str(fact.actor_id)) == ("user.deleted", root)
    assert problem(await admin.delete(f"/api/v1/users/{ana.id}")) == (404, "not_found")


@pytest.mark.parametrize("disabled", [False, True])
async def test_deleting_is_refused_to_the_last_owner_by_administrators_too(
    disabled: bool, ana: Person, make: Factory, admin: httpx.AsyncClient
) -> None:
    shared = await make.project(ana, key="WEB")
    await make.member(shared, ProjectRole.VIEWER)
    if disabled:
        await admin.patch(f"/api/v1/users/{ana.id}", json={"is_active": False})
    assert problem(await admin.delete(f"/api/v1/users/{ana.id}")) == (409, "last_owner")


async def test_nobody_else_deletes_accounts(mine: httpx.AsyncClient, make: Factory) -> None:
    other = await make.user()
    for user_id in (other.id, "01900000-0000-7000-8000-000000000000"):
        assert problem(await mine.delete(f"/api/v1/users/{user_id}")) == (403, "forbidden")


async def test_trying_it_out_deletes_nothing(client: httpx.AsyncClient, mine: httpx.AsyncClient, ana: Person) -> None:
    tried = await delete_me(mine, Prefer="validate-only")
    assert (tried.status_code, tried.headers["Preference-Applied"]) == (204, "validate-only")
    assert await is_alive(client, ana)


@pytest.mark.parametrize("name", ["deleted-{}", "DELETED-{}"])
async def test_a_name_that_was_taken_before_stops_no_deletion(
    name: str, mine: httpx.AsyncClient, ana: Person, make: Factory, tables: Any
) -> None:
    """Until they were reserved, anybody could be called as a deleted account was to be."""
    squatter = await make.user()
    taken = name.format(ana.id.hex)
    await tables.execute("UPDATE users SET username = $1 WHERE id = $2", taken, squatter.id)
    assert (await delete_me(mine)).status_code == 204
    signed_in = await sign_in(make.client(), taken)
    assert signed_in.status_code == 200, "whoever has such a name keeps it"
    assert (await delete_me(make.client(squatter))).status_code == 204


async def test_kept_answers_about_the_account_are_forgotten_whoever_asked(
    client: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    """Of the registration, when nobody was signed in; of scripts; and of administrators."""
    headers = {"Idempotency-Key": "one"}
    account = {"username": "bo", "email": "bo@example.com", "password": PASSWORD, "full_name": "Bo Example"}
    made = await client.post("/api/v1/auth/register", json=account, headers=headers)
    tokens = (await client.post("/api/v1/auth/login", json={"username": "bo", "password": PASSWORD})).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    wanted = {"name": "script", "scopes": ["projects:write"], "expires_at": "2027-01-01T00:00:00Z"}
    token = (await client.post("/api/v1/auth/tokens", json=wanted)).json()["token"]
    by_script = {**headers, "Authorization": f"Bearer {token}"}
    project = {"key": "BOS", "name": "Of Bo Example"}
    assert (await client.post("/api/v1/projects", json=project, headers=by_script)).status_code == 201
    admin = client_for(await make.user(admin=True))
    changed: dict[str, Any] = {"json": {"role": "admin"}, "headers": headers}
    assert (await admin.patch(f"/api/v1/users/{made.json()['id']}", **changed)).status_code == 200
    await admin.post("/api/v1/projects", json={"key": "ADM", "name": "The admin's"}, headers={"Idempotency-Key": "two"})
    assert await tables.fetchval("SELECT count(*) FROM idempotent_answers") == 4
    assert (await client.request("DELETE", "/api/v1/users/me", json={"password": PASSWORD})).status_code == 204
    assert [row["key"] for row in await tables.fetch("SELECT key FROM idempotent_answers")] == ["two"]
