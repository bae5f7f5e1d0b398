"""Whatever somebody got in with: it is dead within five seconds of their account being disabled or deleted (T8)."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.changes.streams.service import use_ticket
from taskapi.core.access.permissions import Scope
from taskapi.core.callers import CallerKind
from taskapi.core.errors import InvalidToken
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import Base
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying, pass_time
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox, token_in

Enter = Callable[[], Awaitable[httpx.Response]]


@dataclass
class Somebody:
    """Who is about to lose their account, and what a test needs to come in as them."""

    person: Person
    make: Factory
    client_for: ClientFor
    mailbox: Mailbox


async def _by_password(who: Somebody) -> Enter:
    body = {"username": who.person.username, "password": PASSWORD}
    return lambda: who.client_for(None).post("/api/v1/auth/login", json=body)


async def _by_password_form(who: Somebody) -> Enter:
    form = {"username": who.person.email, "password": PASSWORD}
    return lambda: who.client_for(None).post("/api/v1/auth/token", data=form)


async def _by_access_token(who: Somebody) -> Enter:
    return lambda: who.client_for(who.person).get("/api/v1/tasks")


async def _by_refresh_token(who: Somebody) -> Enter:
    body = {"refresh_token": who.person.refresh_token}
    return lambda: who.client_for(None).post("/api/v1/auth/refresh", json=body)


async def _by_api_token(who: Somebody) -> Enter:
    token = await api_token(who.make, who.person, *Scope)
    return lambda: carrying(who.client_for(None), token).get("/api/v1/tasks")


async def _by_reset_link(who: Somebody) -> Enter:
    await who.client_for(None).post("/api/v1/auth/password/forgot", json={"email": who.person.email})
    mails = await who.mailbox.collect()
    body = {"token": token_in(mails[-1]), "password": "another horse battery"}
    return lambda: who.client_for(None).post("/api/v1/auth/password/reset", json=body)


KINDS: dict[str, Callable[[Somebody], Awaitable[Enter]]] = {
    "password": _by_password,
    "password form": _by_password_form,
    "access token": _by_access_token,
    "refresh token": _by_refresh_token,
    "API token": _by_api_token,
    "reset link": _by_reset_link,
}
# Which of them reads each column that keeps something secret; where it is none of them, why it lets nobody in.
SECRETS = {
    "users.password_hash": "password",
    "second_factors.secret": "password",
    "recovery_codes.code_hash": "password",
    "sessions.generation": "refresh token",
    "api_tokens.secret_hash": "API token",
    "identities.subject": "a provider's word, with a provider of its own: tests/auth/oidc",
    "feeds.token_hash": "shows tasks to a calendar; dark while its owner is out: tests/tasks/feeds",
    "share_links.token_hash": "opens a project and no account; dies with its maker's rights",
    "share_links.password_hash": "asked for besides the link",
    "webhooks.secret": "signs what is sent to others, and opens nothing here",
    "webhooks.previous_secret": "signs what is sent to others, and opens nothing here",
}
# Named like secrets: what names things, why a rule failed, what proves the log, until when a secret is good.
NO_SECRETS = {
    *("projects.key", "statuses.key", "fields.key", "events.subject_key"),
    *("imports.storage_key", "rule_runs.code", "seals.hash", "webhooks.old_secret_until"),
}
CALLERS = {
    CallerKind.USER: "access token",
    CallerKind.TOKEN: "API token",
    CallerKind.SYSTEM: "nobody signs in as it",
    CallerKind.IMPORT: "nobody signs in as it; it asks for its maker's rights before each batch: tests/imports",
    CallerKind.RULE: "nobody signs in as it; dark while its owner is out: tests/automation",
}
LINKS = {
    Purpose.RESET_PASSWORD: "reset link",
    Purpose.VERIFY_EMAIL: "proves a mailbox, lets nobody in",
    Purpose.CHANGE_EMAIL: "proves a mailbox, lets nobody in",
    Purpose.UNDO_EMAIL_CHANGE: "proves a mailbox, lets nobody in",
    Purpose.INVITATION: "asks for a session besides",
    Purpose.STREAM: "opens a socket while the session or token stands that asked for it: see below",
}


@pytest.fixture
async def somebody(make: Factory, client_for: ClientFor, app: FastAPI, tables: Any) -> Somebody:
    return Somebody(await make.user("maria"), make, client_for, Mailbox(app, tables))


@pytest.fixture
async def administrator(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(await make.user(admin=True))


async def _disable(administrator: httpx.AsyncClient, person: Person) -> None:
    answer = await administrator.patch(f"/api/v1/users/{person.id}", json={"is_active": False})
    assert answer.status_code == 200


async def _delete(administrator: httpx.AsyncClient, person: Person) -> None:
    assert (await administrator.delete(f"/api/v1/users/{person.id}")).status_code == 204


@pytest.mark.parametrize("end", [_disable, _delete])
@pytest.mark.parametrize("kind", KINDS)
async def test_who_is_out_is_out_by_every_way_in(
    kind: str,
    end: Callable[[httpx.AsyncClient, Person], Awaitable[None]],
    somebody: Somebody,
    administrator: httpx.AsyncClient,
    app: FastAPI,
) -> None:
    assert (await (await KINDS[kind](somebody))()).is_success
    enter = await KINDS[kind](somebody)
    await end(administrator, somebody.person)
    pass_time(app)
    status, _ = problem(await enter())
    assert status == (400 if kind == "reset link" else 401)


@pytest.mark.parametrize("end", [_disable, _delete])
@pytest.mark.parametrize("by_token", [True, False])
async def test_who_is_out_opens_no_socket_with_a_ticket_of_before(
    by_token: bool,
    end: Callable[[httpx.AsyncClient, Person], Awaitable[None]],
    somebody: Somebody,
    administrator: httpx.AsyncClient,
    app: FastAPI,
) -> None:
    client = somebody.client_for(somebody.person)
    if by_token:
        client = carrying(somebody.client_for(None), await api_token(somebody.make, somebody.person, *Scope))
    used, kept = [(await client.post("/api/v1/ws/ticket")).json()["ticket"] for _ in range(2)]
    assert (await use_ticket(app.state.parts, used)).id == somebody.person.id
    await end(administrator, somebody.person)
    with pytest.raises(InvalidToken):
        await use_ticket(app.state.parts, kept)


def test_every_kind_of_credential_is_listed() -> None:
    """A new one has to say here how it is ended."""
    secret = re.compile(r"hash|secret|generation|(?:^|_)(?:code|key|password|token|subject)$")
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if secret.search(column.name) and table.name != "idempotent_answers"
    }
    assert columns - NO_SECRETS == SECRETS.keys()
    assert CALLERS.keys() == set(CallerKind)
    assert LINKS.keys() == set(Purpose)
    tested = {*SECRETS.values(), *CALLERS.values(), *LINKS.values()}
    assert KINDS.keys() - {"password form"} <= tested
