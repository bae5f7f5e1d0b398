"""Where REGISTRATION is `invite`, an account is for whoever has been invited to a project."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.settings import Registration
from tests.projects.invitations.conftest import INVITATIONS, Invite
from tests.support.answers import problem
from tests.support.factory import PASSWORD

SetTo = Callable[[Registration], None]
MARIA = {"username": "maria", "email": "Maria@Example.com", "password": PASSWORD}


@pytest.fixture
def registration(app: FastAPI) -> Iterator[SetTo]:
    parts = app.state.parts

    def set_to(value: Registration) -> None:
        security = parts.settings.security.model_copy(update={"registration": value})
        settings = parts.settings.model_copy(update={"security": security})
        app.state.parts = replace(parts, settings=settings)

    yield set_to
    app.state.parts = parts


async def register(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/api/v1/auth/register", json=MARIA)


async def test_who_is_invited_registers_and_joins(
    invite: Invite, owner: httpx.AsyncClient, client: httpx.AsyncClient, registration: SetTo
) -> None:
    registration(Registration.INVITE)
    assert problem(await register(client)) == (403, "registration_closed")
    token = await invite("maria@example.com")
    assert (await register(client)).status_code == 201
    signed_in = await client.post("/api/v1/auth/login", json={"username": "maria", "password": PASSWORD})
    client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
    assert (await client.post("/api/v1/invitations/accept", json={"token": token})).status_code == 200


@pytest.mark.parametrize("end", ["revoked", "expired"])
async def test_an_invitation_that_has_ended_lets_nobody_register(
    end: str,
    invite: Invite,
    owner: httpx.AsyncClient,
    client: httpx.AsyncClient,
    registration: SetTo,
    tables: Any,
) -> None:
    registration(Registration.INVITE)
    await invite("maria@example.com")
    if end == "revoked":
        [invitation] = (await owner.get(INVITATIONS)).json()["items"]
        await owner.delete(f"{INVITATIONS}/{invitation['id']}")
    else:
        await tables.execute("UPDATE invitations SET expires_at = now() - interval '1 second'")
    assert problem(await register(client)) == (403, "registration_closed")


async def test_closed_is_closed_to_the_invited_too(
    invite: Invite, client: httpx.AsyncClient, registration: SetTo
) -> None:
    registration(Registration.CLOSED)
    await invite("maria@example.com")
    assert problem(await register(client)) == (403, "registration_closed")
