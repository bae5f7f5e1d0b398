"""Applications with limits that a test can reach, and a minute that ends when the test says so."""

import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from taskapi.core.http import ratelimit
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory

Lines = list[MutableMapping[str, Any]]
Limited = Callable[..., Factory]
ME = "/api/v1/users/me"
FORGOT = "/api/v1/auth/password/forgot"


@dataclass
class Clock:
    now: float

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Of the rate limits alone: no window ends in the middle of a test."""
    clock = Clock(time.time())
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: clock.now, monotonic=time.monotonic))
    return clock


@pytest.fixture(autouse=True)
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """What the rate limits log."""
    captured = LogCapture()
    logger = structlog.wrap_logger(None, [captured], structlog.make_filtering_bound_logger(0))
    monkeypatch.setattr(ratelimit, "log", logger)
    return captured.entries


@pytest.fixture
def limited(tables: Any, shared_database: RolledBackDatabase, quick_passwords: Passwords) -> Limited:
    """`limited(user=5, anonymous=3, auth=2)`: an application with these limits a minute."""

    def build(*, user: int = 1000, anonymous: int = 1000, auth: int = 1000, **security: Any) -> Factory:
        limits = {
            "rate_limit_per_minute": user,
            "rate_limit_anonymous_per_minute": anonymous,
            "rate_limit_auth_per_minute": auth,
        }
        settings = Settings.model_validate({"security": {**limits, **security}})
        return Factory(create_app(settings, shared_database, quick_passwords))

    return build


def at(service: Factory, address: str, **headers: str) -> httpx.AsyncClient:
    """A stranger's client at this address."""
    transport = httpx.ASGITransport(service.app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def statuses(client: httpx.AsyncClient, count: int, path: str = ME) -> list[int]:
    return [(await client.get(path)).status_code for _ in range(count)]
