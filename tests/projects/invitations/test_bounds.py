"""Nobody makes a mailer of the service: who may send, how many, and how many reach one mailbox."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from tests.conftest import ClientFor
from tests.projects.invitations.conftest import INVITATIONS
from tests.support.answers import problem
from tests.support.factory import PASSWORD, Factory, MadeProject, Person
from tests.support.mailbox import Mailbox, token_in

RESEND, FORGOT = "/api/v1/auth/email/resend", "/api/v1/auth/password/forgot"


@pytest.fixture
def with_smtp(app: FastAPI) -> Iterator[None]:
    """The service as it is where SMTP_URL is set; nothing is sent, for no worker runs."""
    parts = app.state.parts
    mail = parts.settings.mail.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})
    app.state.parts = replace(parts, settings=parts.settings.model_copy(update={"mail": mail}))
    yield
    app.state.parts = parts


async def invite(client: httpx.AsyncClient, email: str, key: str = "WEB") -> httpx.Response:
    return await client.post(f"/api/v1/projects/{key}/invitations", json={"email": email, "role": "viewer"})


async def age(tables: Any, interval: str) -> None:
    await tables.execute(
        "UPDATE mail_limits SET sent_at = ARRAY(SELECT t - $1::text::interval FROM unnest(sent_at) t ORDER BY t)",
        interval,
    )


@pytest.mark.usefixtures("with_smtp")
async def test_where_mail_works_only_the_proven_invite(
    web: MadeProject, owner: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    refused = await invite(owner, "maria@example.com")
    assert problem(refused) == (403, "email_not_verified")
    assert await mailbox.collect() == []
    assert (await owner.get(INVITATIONS)).json()["items"] == []
    await tables.execute("UPDATE users SET email_verified = true WHERE id = $1", web.owner.id)
    assert (await invite(owner, "maria@example.com")).status_code == 201
    assert len(await mailbox.collect()) == 1


async def test_where_no_mail_is_sent_nobody_needs_a_proof(owner: httpx.AsyncClient) -> None:
    assert (await invite(owner, "maria@example.com")).status_code == 201


@pytest.mark.usefixtures("with_smtp")
async def test_who_may_not_invite_is_told_so_whatever_their_address(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    assert problem(await invite(client_for(await make.user()), "maria@example.com")) == (404, "not_found")


async def test_a_sender_sends_twenty_an_hour_over_all_projects(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, mailbox: Mailbox, tables: Any
) -> None:
    await make.project(web.owner, "OPS")
    for number in range(20):
        answer = await invite(owner, f"guest{number}@example.com", ("WEB", "OPS")[number % 2])
        assert answer.status_code == 201
    refused = await invite(owner, "one-more@example.com")
    assert problem(refused) == (429, "too_many_mails")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert len(await mailbox.collect()) == 20
    await age(tables, "1 hour")
    assert (await invite(owner, "one-more@example.com")).status_code == 201


async def test_and_fifty_a_day(owner: httpx.AsyncClient, tables: Any) -> None:
    for number in range(50):
        if number in {20, 40}:
            await age(tables, "61 minutes")
        assert (await invite(owner, f"guest{number}@example.com")).status_code == 201
    await age(tables, "61 minutes")
    refused = await invite(owner, "one-more@example.com")
    assert problem(refused) == (429, "too_many_mails")
    assert 19 * 3600 < int(refused.headers["retry-after"]) <= 21 * 3600


async def test_an_address_gets_five_an_hour_whatever_projects_and_senders(
    owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, mailbox: Mailbox, tables: Any
) -> None:
    for number in range(5):
        project = await make.project()
        assert (await invite(client_for(project.owner), "Maria@Example.com", project.key)).status_code == 201, number
    refused = await invite(owner, "maria@example.com")
    assert problem(refused) == (429, "too_many_mails")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert len(await mailbox.collect()) == 5
    assert (await invite(owner, "otto@example.com")).status_code == 201
    await age(tables, "1 hour")
    assert (await invite(owner, "maria@example.com")).status_code == 201


async def test_a_refused_invitation_uses_nothing_up(owner: httpx.AsyncClient, tables: Any) -> None:
    for _ in range(7):
        await invite(owner, "maria@example.com")
    sent = await tables.fetchval("SELECT cardinality(sent_at) FROM mail_limits WHERE bucket LIKE 'sender:%'")
    assert sent == 5
    tried = await owner.post(
        INVITATIONS, json={"email": "otto@example.com", "role": "viewer"}, headers={"Prefer": "validate-only"}
    )
    assert tried.status_code == 201
    assert await tables.fetchval("SELECT count(*) FROM mail_limits") == 2, "one of the sender, one of maria"


async def test_invitations_do_not_keep_the_owners_own_mails_away(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory, mailbox: Mailbox
) -> None:
    ana = await make.user("ana")
    for _ in range(6):
        await invite(owner, ana.email)
    await mailbox.collect()
    for path in (FORGOT, RESEND):
        await client.post(path, json={"email": ana.email})
        [mail] = await mailbox.collect()
        assert token_in(mail)


async def test_an_account_made_again_and_again_does_not_mail_its_address_without_end(
    client: httpx.AsyncClient, client_for: ClientFor, mailbox: Mailbox
) -> None:
    for number in range(25):
        body = {"username": f"eve{number}", "email": "victim@example.com", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/register", json=body)).status_code == 201
        signed_in = await client.post("/api/v1/auth/login", json={"username": body["username"], "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        gone = await client.request("DELETE", "/api/v1/users/me", json={"password": PASSWORD})
        assert gone.status_code == 204
        del client.headers["Authorization"]
    subjects = Counter(mail["Subject"] for mail in await mailbox.collect())
    assert subjects == {"Confirm your e-mail address": 5, "Your account was deleted": 20}


async def test_one_mailbox_is_asked_to_become_an_accounts_five_times_an_hour(
    make: Factory, client_for: ClientFor, mailbox: Mailbox
) -> None:
    async def ask(person: Person) -> httpx.Response:
        body = {"email": "victim@example.com", "current_password": PASSWORD}
        return await client_for(person).patch("/api/v1/users/me", json=body)

    answers = [await ask(await make.user()) for _ in range(6)]
    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 1}
    assert problem(answers[-1]) == (429, "too_many_mails")
    assert [mail["To"] for mail in await mailbox.collect()].count("victim@example.com") == 5


@pytest.mark.slow
async def test_parallel_invitations_pass_no_bound(live: Factory) -> None:
    """Of one sender in many projects, so that no lock on a project makes a queue of them."""
    eve = await live.user("eve")
    projects = [await live.project(eve) for _ in range(10)]
    client = live.client(eve)
    answers = await asyncio.gather(
        *(invite(client, f"guest{n}@example.com", projects[n % 10].key) for n in range(30)),
    )
    assert Counter(answer.status_code for answer in answers) == {201: 20, 429: 10}


@pytest.mark.slow
async def test_parallel_invitations_of_many_senders_pass_no_bound_of_an_address(live: Factory) -> None:
    projects = [await live.project() for _ in range(12)]
    answers = await asyncio.gather(
        *(invite(live.client(project.owner), "victim@example.com", project.key) for project in projects),
    )
    assert Counter(answer.status_code for answer in answers) == {201: 5, 429: 7}
