"""What was under way when an account was taken back gives nobody another way in."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support import databases
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying, wanted
from tests.support.authenticator import TOTP, Authenticator
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox, token_in
from tests.support.people import ME, is_signed_in, sign_in

NEW = "a wholly new password"
HOOK: dict[str, Any] = {"url": "https://8.8.8.8/thief", "events": ["*"]}
RULE: dict[str, Any] = {
    "name": "Done is undone",
    "kinds": ["task.completed"],
    "actions": [{"type": "patch", "patch": {"status": "todo"}}],
}


async def test_a_sign_in_whose_password_is_reset_meanwhile_is_none(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief who signs in again and again has always one under way."""
    ana, connection = await live.user("ana"), await databases.connect(database_url)
    mailbox = Mailbox(live.app, connection)
    async with live.client() as client:
        await client.post("/api/v1/auth/password/forgot", json={"email": ana.email})
        reset = {"token": token_in((await mailbox.collect())[0]), "password": NEW}

        async def meanwhile(*_: object) -> bool:
            """After the password was found right, and before the session begins."""
            monkeypatch.undo()
            assert (await client.post("/api/v1/auth/password/reset", json=reset)).status_code == 204
            return False

        monkeypatch.setattr("taskapi.auth.sign_in.service.codes.is_on", meanwhile)
        assert problem(await sign_in(client, "ana")) == (401, "invalid_credentials")
        assert (await sign_in(client, "ana", NEW)).status_code == 200
    await connection.close()


async def test_a_change_of_the_profile_meanwhile_costs_nobody_the_sign_in(
    live: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await live.user("ana")
    async with live.client(ana) as mine, live.client() as client:

        async def meanwhile(*_: object) -> bool:
            monkeypatch.undo()
            assert (await mine.patch(ME, json={"full_name": "Ana"})).status_code == 200
            return False

        monkeypatch.setattr("taskapi.auth.sign_in.service.codes.is_on", meanwhile)
        assert (await sign_in(client, "ana")).status_code == 200


@pytest.mark.slow
async def test_of_twenty_sign_ins_beside_a_reset_none_outlives_it(live: Factory, database_url: str) -> None:
    ana, connection = await live.user("ana"), await databases.connect(database_url)
    mailbox = Mailbox(live.app, connection)
    async with live.client() as client:
        await client.post("/api/v1/auth/password/forgot", json={"email": ana.email})
        reset = {"token": token_in((await mailbox.collect())[0]), "password": NEW}
        done, *answers = await asyncio.gather(
            client.post("/api/v1/auth/password/reset", json=reset), *(sign_in(client, "ana") for _ in range(20))
        )
        assert done.status_code == 204
        assert {answer.status_code for answer in answers} <= {200, 401, 429}, [answer.text for answer in answers]
        for answer in answers:
            if answer.status_code == 200:
                assert not await is_signed_in(client, answer.json()["access_token"])
    await connection.close()


async def _another_process_ends_all(tables: Any, person: Person) -> None:
    """Without this process being told, which knows the caller for four more seconds."""
    for table in ("sessions", "api_tokens"):
        await tables.execute(f"UPDATE {table} SET revoked_at = now() WHERE user_id = $1", person.id)


@pytest.fixture
async def mine(make: Factory, ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    """Of ana, who has a project."""
    await make.project(ana, key="WEB")
    return client_for(ana)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/auth/tokens", wanted("tasks:read")),
        ("PATCH", "/users/me", {"email": "thief@example.com", "current_password": PASSWORD}),
        ("POST", "/auth/password/change", {"current_password": PASSWORD, "new_password": NEW}),
        ("POST", "/projects/WEB/share-links", {"label": "To the thief"}),
        ("POST", "/projects/WEB/invitations", {"email": "thief@example.com", "role": "admin"}),
        ("POST", "/projects/WEB/webhooks", HOOK),
        ("POST", "/projects/WEB/rules", RULE),
        ("POST", "/auth/totp/confirm", None),
    ],
)
async def test_a_session_that_has_ended_elsewhere_makes_no_way_in(
    method: str,
    path: str,
    body: dict[str, Any] | None,
    ana: Person,
    mine: httpx.AsyncClient,
    tables: Any,
) -> None:
    if body is None:
        offered = await mine.post(TOTP, json={"password": PASSWORD})
        body = {"code": Authenticator(offered.json()["secret"], []).code()}
    assert (await mine.get(ME)).status_code == 200
    await _another_process_ends_all(tables, ana)
    assert problem(await mine.request(method, f"/api/v1{path}", json=body)) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("kind", "made", "method", "more", "change"),
    [
        ("webhooks", HOOK, "PATCH", "", {"url": "https://8.8.8.8/other"}),
        ("webhooks", HOOK, "POST", "/rotate-secret", None),
        ("rules", RULE, "PATCH", "", {"filter": "is:open"}),
    ],
)
async def test_nor_does_it_turn_what_acts_by_itself_to_its_own_ends(
    kind: str,
    made: dict[str, Any],
    method: str,
    more: str,
    change: dict[str, Any] | None,
    ana: Person,
    mine: httpx.AsyncClient,
    tables: Any,
) -> None:
    there = await mine.post(f"/api/v1/projects/WEB/{kind}", json=made)
    assert there.status_code == 201, there.text
    await _another_process_ends_all(tables, ana)
    answer = await mine.request(method, f"{there.headers['location']}{more}", json=change)
    assert problem(answer) == (401, "invalid_token")


@pytest.mark.parametrize("path", ["share-links", "invitations"])
async def test_nor_does_an_api_token(
    path: str, make: Factory, ana: Person, client: httpx.AsyncClient, tables: Any
) -> None:
    await make.project(ana, key="WEB")
    scopes = ("projects:read", "projects:write", "members:read", "members:write")
    script = carrying(client, await api_token(make, ana, *scopes))
    body = {"label": "L"} if path == "share-links" else {"email": "thief@example.com", "role": "viewer"}
    assert (await script.post(f"/api/v1/projects/WEB/{path}", json=body)).status_code == 201
    await _another_process_ends_all(tables, ana)
    assert problem(await script.post(f"/api/v1/projects/WEB/{path}", json=body)) == (401, "invalid_token")
