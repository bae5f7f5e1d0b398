"""A forgotten password is set anew by a link to the stored address (threat T4)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from taskapi.core.secrets.one_time import OneTimeTokens, Purpose
from tests.conftest import SECRET_KEY, ClientFor
from tests.support import answers
from tests.support.answers import pointers, problem
from tests.support.authenticator import set_up
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox, text_of, token_in
from tests.support.people import ME, is_alive, sign_in, verify_address

FORGOT = "/api/v1/auth/password/forgot"
RESET = "/api/v1/auth/password/reset"
NEW = "a wholly new password"


async def link_for(client: httpx.AsyncClient, mailbox: Mailbox, person: Person) -> str:
    assert (await client.post(FORGOT, json={"email": person.email})).status_code == 202
    [mail] = await mailbox.collect()
    assert mail["To"] == person.email
    return token_in(mail)


async def reset(client: httpx.AsyncClient, token: str, password: str = NEW) -> httpx.Response:
    return await client.post(RESET, json={"token": token, "password": password})


async def test_a_link_sets_a_new_password_once(client: httpx.AsyncClient, ana: Person, mailbox: Mailbox) -> None:
    token = await link_for(client, mailbox, ana)
    done = await reset(client, token)
    assert (done.status_code, done.content) == (204, b"")
    assert problem(await reset(client, token, "another new password")) == (400, "link_not_valid")
    assert problem(await sign_in(client, "ana")) == (401, "invalid_credentials")
    assert (await sign_in(client, "ana", NEW)).status_code == 200


async def test_the_answer_is_the_same_for_every_address(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox
) -> None:
    known = await client.post(FORGOT, json={"email": ana.email})
    unknown = await client.post(FORGOT, json={"email": "nobody@example.com"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"")
    assert answers.headers(known) == answers.headers(unknown)
    assert [mail["To"] for mail in await mailbox.collect()] == [ana.email]


@pytest.mark.parametrize(
    "email", [["ana@example.com", "thief@example.com"], {"a": "ana@example.com"}, "ana@example.com,thief@example.com"]
)
async def test_an_address_is_one_string(email: Any, client: httpx.AsyncClient, ana: Person, mailbox: Mailbox) -> None:
    assert pointers(await client.post(FORGOT, json={"email": email})) == ["/email"]
    twice = b'{"email": "thief@example.com", "email": "ana@example.com"}'
    headers = {"Content-Type": "application/json"}
    assert pointers(await client.post(FORGOT, content=twice, headers=headers)) == ["/email"]
    assert await mailbox.collect() == []


async def test_the_mail_goes_to_the_stored_address_however_it_was_written(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox
) -> None:
    await client.post(FORGOT, json={"email": "  ANA@Example.COM "})
    [mail] = await mailbox.collect()
    assert mail["To"] == ana.email


async def test_a_lookalike_address_gets_nothing(client: httpx.AsyncClient, make: Factory, mailbox: Mailbox) -> None:
    await make.user("mike")
    await client.post(FORGOT, json={"email": "m\u0131ke@example.com"})  # a dotless i
    assert await mailbox.collect() == []


async def test_links_follow_public_url_whatever_the_host_header_says(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox
) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    await client.post(FORGOT, json={"email": ana.email}, headers=headers)
    [mail] = await mailbox.collect()
    assert "evil" not in mail.as_string()
    assert "http://127.0.0.1:8000/reset-password?token=" in text_of(mail)


async def test_a_newer_link_makes_the_older_ones_void(client: httpx.AsyncClient, ana: Person, mailbox: Mailbox) -> None:
    older = await link_for(client, mailbox, ana)
    newer = await link_for(client, mailbox, ana)
    assert problem(await reset(client, older)) == (400, "link_not_valid")
    assert (await reset(client, newer)).status_code == 204


async def test_a_link_runs_out_after_half_an_hour(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox, tables: Any
) -> None:
    token = await link_for(client, mailbox, ana)
    row = await tables.fetchrow("SELECT created_at, expires_at FROM one_time_tokens WHERE purpose = 'reset_password'")
    assert row["expires_at"] - row["created_at"] == timedelta(minutes=30)
    await tables.execute("UPDATE one_time_tokens SET expires_at = now() - interval '1 second'")
    assert problem(await reset(client, token)) == (400, "link_not_valid")


async def test_a_link_for_something_else_resets_nothing(client: httpx.AsyncClient, ana: Person, tables: Any) -> None:
    token_id = await tables.fetchval(
        "INSERT INTO one_time_tokens (id, purpose, subject_id, details, created_at, expires_at)"
        " VALUES (gen_random_uuid(), 'verify_email', $1, '{}', now(), now() + interval '1 day') RETURNING id",
        ana.id,
    )
    tokens = OneTimeTokens(SECRET_KEY)
    for purpose in (Purpose.VERIFY_EMAIL, Purpose.RESET_PASSWORD):
        assert problem(await reset(client, tokens.write(purpose, token_id))) == (400, "link_not_valid")


@pytest.mark.parametrize("token", ["x", "AAAA", "A" * 64, "A" * 200])
async def test_what_never_was_a_link_is_not_valid(token: str, client: httpx.AsyncClient) -> None:
    assert problem(await reset(client, token)) == (400, "link_not_valid")


@pytest.mark.parametrize("password", ["short", "ana@example.com", "passwordpassword", "aaaaaaaaaaaaaaaa"])
async def test_a_weak_password_is_refused_and_does_not_cost_the_link(
    password: str, client: httpx.AsyncClient, ana: Person, mailbox: Mailbox
) -> None:
    token = await link_for(client, mailbox, ana)
    assert pointers(await reset(client, token, password)) == ["/password"]
    assert (await reset(client, token)).status_code == 204


async def test_a_reset_ends_every_session_and_api_token(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor, mailbox: Mailbox
) -> None:
    made = await client_for(ana).post(
        "/api/v1/auth/tokens", json={"name": "script", "scopes": ["tasks:read"], "expires_at": "2027-01-01T00:00:00Z"}
    )
    script = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await client.get("/api/v1/tasks", headers=script)).status_code == 200
    await mailbox.collect()
    await reset(client, await link_for(client, mailbox, ana))
    assert not await is_alive(client, ana)
    assert (await client.get("/api/v1/tasks", headers=script)).status_code == 401
    refreshed = await client.post("/api/v1/auth/refresh", json={"refresh_token": ana.refresh_token})
    assert problem(refreshed) == (401, "invalid_token")


async def test_a_reset_is_told_to_the_owner_and_to_the_change_log(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox, tables: Any
) -> None:
    await reset(client, await link_for(client, mailbox, ana))
    [notice] = await mailbox.collect()
    assert (notice["To"], notice["Subject"]) == (ana.email, "Your password was changed")
    [fact] = [entry for entry in await entries(tables, ana.id) if entry.kind == "user.password_reset"]
    assert (fact.actor_id, fact.changes) == (ana.id, {"email_verified": [False, True]})
    assert "session.ended" in await kinds(tables)
    assert NEW not in str(await entries(tables))


@pytest.mark.parametrize("was_proven", [False, True])
async def test_a_second_factor_stays_on_unless_the_link_is_the_first_proof(
    was_proven: bool,
    client: httpx.AsyncClient,
    ana: Person,
    client_for: ClientFor,
    mailbox: Mailbox,
    tables: Any,
) -> None:
    """Whoever registered another's address and set an app up would else keep its owner out for good."""
    if was_proven:
        await verify_address(tables, "ana")
    await set_up(client_for(ana))
    await mailbox.collect()
    await reset(client, await link_for(client, mailbox, ana))
    answer = await sign_in(client, "ana", NEW)
    if was_proven:
        assert problem(answer) == (401, "totp_required")
    else:
        assert answer.status_code == 200
        assert "user.totp_disabled" in await kinds(tables, ana.id)


async def test_a_reset_proves_the_address(client: httpx.AsyncClient, ana: Person, mailbox: Mailbox) -> None:
    await reset(client, await link_for(client, mailbox, ana))
    assert (await sign_in(client, "ana", NEW)).json()["user"]["email_verified"] is True


async def test_a_disabled_account_gets_the_same_answer_and_no_mail(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor, make: Factory, mailbox: Mailbox
) -> None:
    admin = client_for(await make.user(admin=True))
    before = await link_for(client, mailbox, ana)
    await admin.patch(f"/api/v1/users/{ana.id}", json={"is_active": False})
    answer = await client.post(FORGOT, json={"email": ana.email})
    assert (answer.status_code, answer.content) == (202, b"")
    assert await mailbox.collect() == []
    assert problem(await reset(client, before)) == (400, "link_not_valid")
    assert (await admin.get(f"/api/v1/users/{ana.id}")).json()["is_active"] is False
    assert problem(await sign_in(client, "ana", NEW)) == (401, "invalid_credentials")


async def test_one_account_gets_five_mails_an_hour(client: httpx.AsyncClient, ana: Person, mailbox: Mailbox) -> None:
    for _ in range(7):
        assert (await client.post(FORGOT, json={"email": ana.email})).status_code == 202
        await mailbox.collect()
    assert len(mailbox.sent) == 5


async def test_no_queue_and_no_table_holds_the_link(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox, tables: Any
) -> None:
    token = await link_for(client, mailbox, ana)
    rows = await tables.fetch("SELECT * FROM one_time_tokens")
    assert token not in str(rows)
    assert SECRET_KEY not in str(rows)


async def test_a_repeat_with_the_same_key_gets_the_stored_answer(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox
) -> None:
    body = {"token": await link_for(client, mailbox, ana), "password": NEW}
    headers = {"Idempotency-Key": "reset-1"}
    first = await client.post(RESET, json=body, headers=headers)
    second = await client.post(RESET, json=body, headers=headers)
    assert [first.status_code, second.status_code] == [204, 204]
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_trying_it_out_changes_nothing(
    client: httpx.AsyncClient, ana: Person, client_for: ClientFor, mailbox: Mailbox
) -> None:
    body = {"token": await link_for(client, mailbox, ana), "password": NEW}
    tried = await client.post(RESET, json=body, headers={"Prefer": "validate-only"})
    assert problem(tried) == (422, "not_a_dry_run")
    assert (await sign_in(client, "ana", PASSWORD)).status_code == 200
    assert (await client_for(ana).get(ME)).status_code == 200
