"""The application with a provider that listens on 127.0.0.1, and a browser that goes there and back."""

import ipaddress
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.auth.oidc import service as oidc
from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import OidcProvider, OidcSettings, OutboundSettings, Settings
from tests.support import databases, openid
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory
from tests.support.openid import OpenIdProvider

START = "/api/v1/auth/oidc/fake"
PERSON = {
    "sub": "248289761001",
    "email": "jane@example.com",
    "email_verified": True,
    "name": "Jane Doe",
    "preferred_username": "jane",
}


def settings_for(provider: OpenIdProvider, **others: Any) -> Settings:
    known = OidcProvider(
        issuer=provider.issuer, client_id=openid.CLIENT_ID, client_secret=openid.CLIENT_SECRET, name="Fake & Sons"
    )
    return Settings(
        oidc=OidcSettings(TASKAPI_OIDC_PROVIDERS={"fake": known, "other": known}),
        outbound=OutboundSettings(TASKAPI_OUTBOUND_ALLOWED_NETWORKS=[ipaddress.ip_network("127.0.0.0/8")]),
        **others,
    )


@pytest.fixture(scope="session")
def running_provider() -> Iterator[OpenIdProvider]:
    with openid.running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: OpenIdProvider) -> OpenIdProvider:
    running_provider.reset(dict(PERSON))
    return running_provider


@pytest.fixture(scope="session")
def oidc_app(
    running_provider: OpenIdProvider, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> FastAPI:
    return create_app(settings_for(running_provider), shared_database, quick_passwords)


@pytest.fixture
def app(oidc_app: FastAPI, provider: OpenIdProvider, tables: Any) -> FastAPI:
    """With nothing remembered of what the provider published in another test."""
    oidc_app.state.oidc = oidc.configure(oidc_app.state.parts)
    return oidc_app


@dataclass
class Browser:
    """Somebody's browser, with its own cookies."""

    client: httpx.AsyncClient
    provider: OpenIdProvider

    async def leave(self, **asked: str) -> tuple[str, dict[str, str]]:
        """To the provider and, agreed, on the way back: the callback's path and what it will carry."""
        started = await self.client.get(START, params=asked)
        assert started.status_code == 302, started.text
        return self.provider.authorize(started.headers["location"])

    async def sign_in(self) -> httpx.Response:
        path, params = await self.leave()
        return await self.client.get(path, params=params)


@pytest.fixture
async def public(database_url: str, quick_passwords: Passwords, provider: OpenIdProvider) -> AsyncIterator[Factory]:
    """Like `live`, with the provider."""
    database = Database(databases.patient_settings_for(database_url))
    yield Factory(create_app(settings_for(provider), database, quick_passwords))
    await database.dispose()


@pytest.fixture
async def browser(make: Factory, provider: OpenIdProvider) -> AsyncIterator[Browser]:
    async with make.client() as client:
        yield Browser(client, provider)
