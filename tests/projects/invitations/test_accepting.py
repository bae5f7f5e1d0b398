"""An invitation opens its project once, to the account of its address, and proves that address."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.secrets.one_time import OneTimeTokens, Purpose
from taskapi.models import ProjectRole
from tests.conftest import SECRET_KEY, ClientFor
from tests.projects.invitations.conftest import INVITATIONS, Invite
from tests.support.answers import column, faults, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, MadeProject, Person
from tests.support.mailbox import Mailbox, text_of, token_in
from tests.support.sweeps import sweep

ACCEPT = "/api/v1/invitations/accept"


async def accept(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(ACCEPT, json={"token": token})


async def sign_in(client: httpx.AsyncClient, person: Person) -> httpx.Response:
    return await client.post("/api/v1/auth/login", json={"username": person.username, "password": PASSWORD})


async def test_somebody_without_an_account_makes_one_and_joins(
    invite: Invite, client: httpx.AsyncClient, client_for: ClientFor, make: Factory, tables: Any, web: MadeProject
) -> None:
    token = await invite("maria@example.com", "commenter")
    maria = await make.user("maria")
    joined = await accept(client_for(maria), token)
    assert joined.status_code == 200
    assert (joined.json()["key"], joined.json()["role"]) == ("WEB", "commenter")
    me = (await client_for(maria).get("/api/v1/users/me")).json()
    assert me["email_verified"] is True
    # The account is younger than the invitation: its password is that of whoever read the mail.
    assert (await sign_in(client, maria)).status_code == 200
    log = await entries(tables)
    accepted = next(entry for entry in log if entry.kind == "invitation.accepted")
    assert (accepted.actor_id, accepted.changes) == (maria.id, {"accepted_by": [None, str(maria.id)]})
    added = [entry for entry in log if entry.kind == "member.added"][-1]
    assert added.changes == {
        "user_id": [None, str(maria.id)],
        "role": [None, "commenter"],
        "weekly_capacity": [None, None],
    }


async def test_a_proven_account_joins_and_nothing_else_changes(
    invite: Invite, client: httpx.AsyncClient, client_for: ClientFor, make: Factory, tables: Any
) -> None:
    maria = await make.user("maria")
    await tables.execute("UPDATE users SET email_verified = true WHERE id = $1", maria.id)
    other_session = (await sign_in(client, maria)).json()
    assert (await accept(client_for(maria), await invite("Maria@Example.com"))).status_code == 200
    client.headers["Authorization"] = f"Bearer {other_session['access_token']}"
    assert (await client.get("/api/v1/users/me")).json()["version"] == 1
    assert (await sign_in(client, maria)).status_code == 200


async def test_whoever_registered_the_address_before_its_owner_came_is_out(
    invite: Invite, client: httpx.AsyncClient, client_for: ClientFor, make: Factory, mailbox: Mailbox, tables: Any
) -> None:
    """T7: an attacker registers the victim's address, and waits until the victim is invited."""
    account = await make.user("maria")
    attacker = client_for(account)
    attackers_refresh = {"refresh_token": account.refresh_token}
    expiry = "2027-01-01T00:00:00Z"
    api_token = await attacker.post(
        "/api/v1/auth/tokens", json={"name": "later", "scopes": ["projects:read"], "expires_at": expiry}
    )
    assert api_token.status_code == 201
    victims = (await sign_in(client, account)).json()
    token = await invite("maria@example.com")
    client.headers["Authorization"] = f"Bearer {victims['access_token']}"
    assert (await accept(client, token)).status_code == 200

    assert problem(await attacker.get("/api/v1/projects/WEB"))[0] == 401
    assert problem(await client_for(None).post("/api/v1/auth/refresh", json=attackers_refresh))[0] == 401
    by_token = {"Authorization": f"Bearer {api_token.json()['token']}"}
    assert (await client_for(None).get("/api/v1/projects/WEB", headers=by_token)).status_code == 401
    assert problem(await sign_in(client_for(None), account)) == (401, "invalid_credentials")
    assert (await client.get("/api/v1/projects/WEB")).status_code == 200

    [mail] = await mailbox.collect()
    assert mail["To"] == "maria@example.com"
    new = {"token": token_in(mail), "password": "a password of her own"}
    assert (await client_for(None).post("/api/v1/auth/password/reset", json=new)).status_code == 204
    assert "user.password_dropped" in await kinds(tables, account.id)
    assert "/reset-password" in text_of(mail)


async def test_a_second_factor_of_whoever_came_before_is_gone_too(
    invite: Invite, client_for: ClientFor, make: Factory, tables: Any
) -> None:
    maria = await make.user("maria")
    await tables.execute(
        "INSERT INTO second_factors (user_id, secret, confirmed_at) VALUES ($1, '\\x00', now())", maria.id
    )
    assert (await accept(client_for(maria), await invite("maria@example.com"))).status_code == 200
    assert await tables.fetchval("SELECT count(*) FROM second_factors") == 0
    assert "user.totp_disabled" in await kinds(tables, maria.id)


async def test_a_change_of_address_that_waits_is_off(
    invite: Invite, client: httpx.AsyncClient, client_for: ClientFor, make: Factory, mailbox: Mailbox
) -> None:
    maria = await make.user("maria")
    change = {"email": "attacker@example.com", "current_password": PASSWORD}
    assert (await client_for(maria).patch("/api/v1/users/me", json=change)).status_code == 200
    confirm = token_in((await mailbox.collect())[0])
    assert (await accept(client_for(maria), await invite("maria@example.com"))).status_code == 200
    confirmed = await client.post("/api/v1/auth/email/change/confirm", json={"token": confirm})
    assert problem(confirmed) == (400, "link_not_valid")


async def test_an_account_of_another_address_is_told_why_and_costs_the_link_nothing(
    invite: Invite, client_for: ClientFor, make: Factory
) -> None:
    token = await invite("maria@example.com")
    stranger = client_for(await make.user())
    refused = await accept(stranger, token)
    assert problem(refused) == (403, "invitation_for_another_address")
    assert "maria" not in refused.text
    assert problem(await stranger.get("/api/v1/projects/WEB")) == (404, "not_found")
    assert (await accept(client_for(await make.user("maria")), token)).status_code == 200


async def test_a_link_is_good_once(
    invite: Invite, client_for: ClientFor, make: Factory, owner: httpx.AsyncClient
) -> None:
    token = await invite("maria@example.com")
    maria = await make.user("maria")
    assert (await accept(client_for(maria), token)).status_code == 200
    assert problem(await accept(client_for(maria), token)) == (400, "link_not_valid")
    await owner.delete(f"/api/v1/projects/WEB/members/{maria.id}")
    assert problem(await accept(client_for(maria), token)) == (400, "link_not_valid")
    assert column(await owner.get(INVITATIONS), "id") == []


async def test_every_link_that_is_not_good_is_the_same_answer(
    web: MadeProject,
    owner: httpx.AsyncClient,
    invite: Invite,
    client_for: ClientFor,
    make: Factory,
    tables: Any,
) -> None:
    maria = client_for(await make.user("maria"))
    replaced = await invite("maria@example.com")
    revoked = await invite("maria@example.com")
    [invitation] = (await owner.get(INVITATIONS)).json()["items"]
    await owner.delete(f"{INVITATIONS}/{invitation['id']}")
    tokens = OneTimeTokens(SECRET_KEY)
    for_something_else = tokens.write(Purpose.VERIFY_EMAIL, uuid4())
    expired = await invite("maria@example.com")
    await tables.execute("UPDATE invitations SET expires_at = now() - interval '1 second'")
    never_made = tokens.write(Purpose.INVITATION, uuid4())
    answers = [
        await accept(maria, token)
        for token in (replaced, revoked, expired, for_something_else, never_made, expired[:-1], "nonsense")
    ]
    assert {problem(answer) for answer in answers} == {(400, "link_not_valid")}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert column(await owner.get("/api/v1/projects/WEB/members"), "role") == ["owner"]


@pytest.mark.parametrize("fate", ["demoted", "removed", "disabled"])
async def test_an_invitation_dies_with_the_right_of_whoever_sent_it(
    fate: str,
    web: MadeProject,
    owner: httpx.AsyncClient,
    invite: Invite,
    client_for: ClientFor,
    make: Factory,
) -> None:
    admin = await make.member(web, ProjectRole.ADMIN)
    maria = client_for(await make.user("maria"))
    token = await invite("maria@example.com", "admin", client_for(admin))
    assert len(column(await owner.get(INVITATIONS), "id")) == 1
    member = f"/api/v1/projects/WEB/members/{admin.id}"
    if fate == "demoted":
        await owner.patch(member, json={"role": "editor"})
    elif fate == "removed":
        await owner.delete(member)
    else:
        administrator = client_for(await make.user(admin=True))
        await administrator.patch(f"/api/v1/users/{admin.id}", json={"is_active": False})
    assert problem(await accept(maria, token)) == (400, "link_not_valid")
    assert column(await owner.get(INVITATIONS), "id") == []


async def test_an_invitation_by_an_administrator_of_the_service_stands(
    web: MadeProject, invite: Invite, client_for: ClientFor, make: Factory
) -> None:
    administrator = client_for(await make.user(admin=True))
    token = await invite("maria@example.com", "owner", administrator)
    assert (await accept(client_for(await make.user("maria")), token)).json()["role"] == "owner"


async def test_a_project_in_the_trash_takes_nobody_in_until_it_is_restored(
    owner: httpx.AsyncClient, invite: Invite, client_for: ClientFor, make: Factory
) -> None:
    token = await invite("maria@example.com")
    maria = client_for(await make.user("maria"))
    await owner.delete("/api/v1/projects/WEB")
    assert problem(await accept(maria, token)) == (400, "link_not_valid")
    await owner.post("/api/v1/projects/WEB/restore")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await accept(maria, token)) == (409, "project_archived")
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    assert (await accept(maria, token)).status_code == 200


async def test_who_was_added_meanwhile_keeps_the_role(
    web: MadeProject, owner: httpx.AsyncClient, invite: Invite, client_for: ClientFor, make: Factory
) -> None:
    token = await invite("maria@example.com", "admin")
    maria = await make.member(web, ProjectRole.VIEWER, await make.user("maria"))
    assert problem(await accept(client_for(maria), token)) == (409, "already_member")
    assert column(await owner.get("/api/v1/projects/WEB/members"), "role") == ["owner", "viewer"]


async def test_an_api_token_accepts_nothing(invite: Invite, client_for: ClientFor, make: Factory) -> None:
    token = await invite("maria@example.com")
    maria = client_for(await make.user("maria"))
    scopes = ["members:write", "projects:write"]
    body = {"name": "script", "scopes": scopes, "expires_at": "2027-01-01T00:00:00Z"}
    secret = (await maria.post("/api/v1/auth/tokens", json=body)).json()["token"]
    script = client_for(None)
    script.headers["Authorization"] = f"Bearer {secret}"
    assert problem(await accept(script, token)) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("/token", "missing")]),
        ({"token": ""}, [("/token", "string_too_short")]),
        ({"token": "x" * 201}, [("/token", "string_too_long")]),
        ({"token": "a b"}, [("/token", "string_pattern_mismatch")]),
        ({"token": ["a"]}, [("/token", "string_type")]),
        ({"token": "a", "role": "owner"}, [("/role", "extra_forbidden")]),
    ],
)
async def test_a_token_is_one_string(
    body: dict[str, Any], expected: list[tuple[str, str]], client_for: ClientFor, make: Factory
) -> None:
    assert faults(await client_for(await make.user()).post(ACCEPT, json=body)) == expected


async def test_addresses_of_those_who_never_came_are_forgotten(invite: Invite, app: FastAPI, tables: Any) -> None:
    await invite("maria@example.com")
    await sweep(app, "invitations")
    assert await tables.fetchval("SELECT count(*) FROM invitations") == 1
    await tables.execute("UPDATE invitations SET expires_at = now() - interval '31 days'")
    await sweep(app, "invitations")
    assert await tables.fetchval("SELECT count(*) FROM invitations") == 0
