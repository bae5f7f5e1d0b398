"""A page of another origin may use the API where the settings name that origin, and nowhere else."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.support.answers import problem
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory

OURS = "https://app.example"
ME = "/api/v1/users/me"


@pytest.fixture
async def browser(
    tables: Any, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings.model_validate({"security": {"cors_origins": f"{OURS}, https://second.example"}})
    async with Factory(create_app(settings, shared_database, quick_passwords)).client() as client:
        yield client


def preflight(origin: str, method: str = "PATCH", headers: str = "content-type") -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}


@pytest.mark.parametrize("origin", [OURS, "https://second.example"])
async def test_an_origin_that_is_named_may_read_answers(origin: str, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(ME, headers={"Origin": origin})
    assert problem(answer) == (401, "unauthorized")
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Origin" in answer.headers["vary"]
    exposed = answer.headers["access-control-expose-headers"].lower()
    for name in (
        "etag",
        "link",
        "location",
        "retry-after",
        "x-request-id",
        "idempotency-replayed",
        "preference-applied",
    ):
        assert name in exposed


async def test_an_origin_that_is_named_may_send_every_header_of_the_contract(browser: httpx.AsyncClient) -> None:
    names = "authorization,content-type,idempotency-key,if-match,if-none-match,prefer,x-request-id"
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        answer = await browser.options(ME, headers=preflight(OURS, method, names))
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] == OURS


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example"]
)
async def test_any_other_origin_may_not(origin: str, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(ME, headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers
    refused = await browser.options(ME, headers=preflight(origin))
    assert "access-control-allow-origin" not in refused.headers


async def test_a_refusal_before_the_routes_can_be_read_too(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/v1/auth/login", content=b"x" * 1_048_577, headers={"Origin": OURS})
    assert problem(answer) == (413, "too_large")
    assert answer.headers["access-control-allow-origin"] == OURS


async def test_where_no_origin_is_named_nobody_is_let_in(client: httpx.AsyncClient) -> None:
    answer = await client.get(ME, headers={"Origin": OURS})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origins", ["*", "https://a.example,*", "null"])
def test_a_wildcard_is_refused_at_the_start(origins: str) -> None:
    with pytest.raises(ValueError, match="exact origins"):
        Settings.model_validate({"security": {"cors_origins": origins}})
