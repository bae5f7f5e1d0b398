"""An address is proven by the link that was mailed to it."""

from typing import Any

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token
from tests.support.authenticator import set_up
from tests.support.change_log import kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox, text_of, token_in
from tests.support.people import ME, is_alive, is_signed_in, sign_in

REGISTER = "/api/v1/auth/register"
VERIFY = "/api/v1/auth/email/verify"
RESEND = "/api/v1/auth/email/resend"


async def register(client: httpx.AsyncClient, name: str = "bob") -> dict[str, Any]:
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    answer = await client.post(REGISTER, json=body)
    assert answer.status_code == 201, answer.text
    user: dict[str, Any] = answer.json()
    return user


async def test_registration_mails_a_link_that_proves_the_address(
    client: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    user = await register(client)
    assert user["email_verified"] is False
    [mail] = await mailbox.collect()
    assert mail["To"] == "bob@example.com"
    assert "/verify-email?token=" in text_of(mail)
    verified = await client.post(VERIFY, json={"token": token_in(mail)})
    assert (verified.status_code, verified.content) == (204, b"")
    row = await tables.fetchrow("SELECT email_verified, version FROM users WHERE username = 'bob'")
    assert row["email_verified"] is True
    assert row["version"] > user["version"]
    assert await kinds(tables, user["id"]) == [
        "user.registered",
        "user.email_verified",
        "user.password_dropped",
        "user.password_reset_requested",
    ]


async def test_whoever_opens_the_link_signed_in_keeps_what_they_set(
    client: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    """The one person who reads the mail and knows the password."""
    user = await register(client)
    [mail] = await mailbox.collect()
    session, other = [(await sign_in(client, "bob")).json()["access_token"] for _ in range(2)]
    headers = {"Authorization": f"Bearer {session}"}
    assert (await client.post(VERIFY, json={"token": token_in(mail)}, headers=headers)).status_code == 204
    me = (await client.get(ME, headers=headers)).json()
    assert (me["email_verified"], me["version"]) == (True, user["version"] + 1)
    assert not await is_signed_in(client, other)
    assert (await sign_in(client, "bob")).status_code == 200
    assert await mailbox.collect() == []


@pytest.mark.parametrize("signed_in", ["nobody", "somebody else", "an API token"])
async def test_without_its_session_what_was_set_before_the_proof_is_gone(
    signed_in: str,
    client: httpx.AsyncClient,
    ana: Person,
    make: Factory,
    client_for: ClientFor,
    mailbox: Mailbox,
    tables: Any,
) -> None:
    """Somebody registered another's address, set all there is, and waits for its owner to open the link (T7)."""
    await client.post(RESEND, json={"email": ana.email})
    [mail] = await mailbox.collect()
    script = await api_token(make, ana, "tasks:read")
    await set_up(client_for(ana))
    bearers = {"nobody": None, "somebody else": (await make.user()).access_token, "an API token": script}
    headers = {"Authorization": f"Bearer {bearer}"} if (bearer := bearers[signed_in]) else {}
    await mailbox.collect()
    assert (await client.post(VERIFY, json={"token": token_in(mail)}, headers=headers)).status_code == 204
    assert not await is_alive(client, ana)
    assert not await is_signed_in(client, script)
    assert problem(await sign_in(client, "ana")) == (401, "invalid_credentials")
    assert {"user.password_dropped", "user.totp_disabled"} <= set(await kinds(tables, ana.id))
    notice, link = await mailbox.collect()
    assert notice["Subject"] == "Your authenticator app was taken off"
    assert "is proven now" in text_of(link)
    reset = {"token": token_in(link), "password": "a wholly new password"}
    assert (await client.post("/api/v1/auth/password/reset", json=reset)).status_code == 204
    assert (await sign_in(client, "ana", "a wholly new password")).status_code == 200


async def test_a_registration_that_fails_mails_nothing(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox
) -> None:
    body = {"username": "ana2", "email": ana.email, "password": PASSWORD}
    assert problem(await client.post(REGISTER, json=body)) == (409, "email_taken")
    assert await mailbox.collect() == []


async def test_a_link_works_once(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await register(client)
    [mail] = await mailbox.collect()
    assert (await client.post(VERIFY, json={"token": token_in(mail)})).status_code == 204
    assert problem(await client.post(VERIFY, json={"token": token_in(mail)})) == (400, "link_not_valid")
    assert problem(await client.post(VERIFY, json={"token": "A" * 64})) == (400, "link_not_valid")


async def test_resending_answers_the_same_for_every_address(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox
) -> None:
    answers = [await client.post(RESEND, json={"email": email}) for email in (ana.email, "nobody@example.com")]
    assert [(a.status_code, a.content) for a in answers] == [(202, b"")] * 2
    [mail] = await mailbox.collect()
    assert mail["To"] == ana.email


async def test_a_newer_link_makes_the_older_void(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await register(client)
    await mailbox.collect()
    await client.post(RESEND, json={"email": "bob@example.com"})
    await mailbox.collect()
    older, newer = map(token_in, mailbox.sent)
    assert problem(await client.post(VERIFY, json={"token": older})) == (400, "link_not_valid")
    assert (await client.post(VERIFY, json={"token": newer})).status_code == 204


async def test_five_mails_an_hour_are_enough(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await register(client)
    for _ in range(6):
        assert (await client.post(RESEND, json={"email": "bob@example.com"})).status_code == 202
        await mailbox.collect()
    assert len(mailbox.sent) == 5


async def test_who_is_verified_or_disabled_gets_no_more_mails(
    client: httpx.AsyncClient, ana: Person, make: Factory, client_for: ClientFor, mailbox: Mailbox
) -> None:
    await register(client)
    [mail] = await mailbox.collect()
    await client.post(VERIFY, json={"token": token_in(mail)})
    await mailbox.collect()
    admin = client_for(await make.user(admin=True))
    await admin.patch(f"/api/v1/users/{ana.id}", json={"is_active": False})
    for email in ("bob@example.com", ana.email):
        assert (await client.post(RESEND, json={"email": email})).status_code == 202
    assert await mailbox.collect() == []


async def test_a_link_to_yesterdays_address_proves_nothing_about_todays(
    client: httpx.AsyncClient, ana: Person, mailbox: Mailbox, tables: Any, client_for: ClientFor
) -> None:
    await client.post(RESEND, json={"email": ana.email})
    [mail] = await mailbox.collect()
    await tables.execute("UPDATE users SET email = 'other@example.com' WHERE id = $1", ana.id)
    assert problem(await client.post(VERIFY, json={"token": token_in(mail)})) == (400, "link_not_valid")
    assert (await client_for(ana).get(ME)).json()["email_verified"] is False
