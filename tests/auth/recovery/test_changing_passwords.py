"""Somebody who is signed in changes the password (threats T1, T9)."""

from typing import Any

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.api_tokens import api_token, carrying
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox, token_in
from tests.support.people import is_alive, is_signed_in, sign_in

CHANGE = "/api/v1/auth/password/change"
NEW = "a wholly new password"


async def change(client: httpx.AsyncClient, current: str = PASSWORD, new: str = NEW) -> httpx.Response:
    return await client.post(CHANGE, json={"current_password": current, "new_password": new})


async def test_the_other_sessions_end_and_this_one_goes_on(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor
) -> None:
    others = [(await sign_in(client, "ana")).json() for _ in range(3)]
    for session in others:
        assert await is_signed_in(client, session["access_token"])
    done = await change(client_for(ana))
    assert (done.status_code, done.json()) == (200, {"api_tokens": []})
    for session in others:
        assert not await is_signed_in(client, session["access_token"])
        refreshed = await client.post("/api/v1/auth/refresh", json={"refresh_token": session["refresh_token"]})
        assert problem(refreshed) == (401, "invalid_token")
    assert await is_alive(client, ana)
    assert problem(await sign_in(client, "ana")) == (401, "invalid_credentials")
    assert (await sign_in(client, "ana", NEW)).status_code == 200


async def test_it_is_told_to_the_owner_and_to_the_change_log(
    ana: Person, client_for: ClientFor, mailbox: Mailbox, tables: Any
) -> None:
    await change(client_for(ana))
    [notice] = await mailbox.collect()
    assert (notice["To"], notice["Subject"]) == (ana.email, "Your password was changed")
    assert "user.password_changed" in await kinds(tables, ana.id)
    assert NEW not in str(await entries(tables))


async def test_a_wrong_current_password_changes_nothing(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor
) -> None:
    assert problem(await change(client_for(ana), "not my password")) == (403, "wrong_password")
    assert (await sign_in(client, "ana")).status_code == 200


async def test_wrong_current_passwords_count_like_failed_sign_ins(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor
) -> None:
    mine = client_for(ana)
    for _ in range(10):
        assert problem(await change(mine, "not my password")) == (403, "wrong_password")
    refused = await change(mine)
    assert problem(refused) == (429, "too_many_sign_ins")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert problem(await sign_in(client, "ana")) == (429, "too_many_sign_ins")


@pytest.mark.parametrize("password", ["short", "ana@example.com", "1234567890123"])
async def test_a_weak_new_password_is_refused(password: str, ana: Person, client_for: ClientFor) -> None:
    assert pointers(await change(client_for(ana), new=password)) == ["/new_password"]


@pytest.mark.parametrize("end", [False, True])
async def test_api_tokens_are_told_and_end_where_that_was_asked_for(
    end: bool, client: httpx.AsyncClient, ana: Person, client_for: ClientFor, make: Factory, tables: Any
) -> None:
    script = await api_token(make, ana, "tasks:read")
    expired = await api_token(make, ana, "tasks:read")
    await tables.execute("UPDATE api_tokens SET expires_at = now() WHERE prefix = $1", expired[:11])
    body = {"current_password": PASSWORD, "new_password": NEW, "end_tokens": end}
    told = (await client_for(ana).post(CHANGE, json=body)).json()["api_tokens"]
    assert [token["name"] for token in told] == ([] if end else ["A script"])
    assert "token" not in str([list(token) for token in told])
    carrying(client, script)
    assert (await client.get("/api/v1/tasks")).status_code == (401 if end else 200)
    assert ("api_token.revoked" in await kinds(tables)) is end


async def test_a_change_of_address_that_was_pending_is_off(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor, mailbox: Mailbox
) -> None:
    mine = client_for(ana)
    await mine.patch("/api/v1/users/me", json={"email": "thief@example.com", "current_password": PASSWORD})
    confirm, _ = await mailbox.collect()
    await change(mine)
    confirmed = await client.post("/api/v1/auth/email/change/confirm", json={"token": token_in(confirm)})
    assert problem(confirmed) == (400, "link_not_valid")


async def test_a_reset_link_that_was_on_its_way_is_void(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor, mailbox: Mailbox
) -> None:
    await client.post("/api/v1/auth/password/forgot", json={"email": ana.email})
    await mailbox.collect()
    [link] = mailbox.sent
    await change(client_for(ana))
    reset = {"token": token_in(link), "password": "yet another password"}
    assert problem(await client.post("/api/v1/auth/password/reset", json=reset)) == (400, "link_not_valid")
