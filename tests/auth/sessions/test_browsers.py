"""A page's session: the refresh token in a cookie that only the browser sees, and that only our pages may use."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine

from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import SecuritySettings, ServerSettings, Settings
from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.authenticator import set_up
from tests.support.databases import RolledBackDatabase
from tests.support.factory import PASSWORD, Factory, Person

LOGIN, REFRESH, LOGOUT = (f"/api/v1/auth/{name}" for name in ("login", "refresh", "logout"))
VALIDATE = "/api/v1/auth/validate"
OURS = {"X-Requested-By": "taskapi", "Origin": "http://test"}
IN_COOKIE = {"session": "cookie"}
FOREIGN = (403, "not_from_our_page")
# Whoever has no page of ours can send none of these.
NOT_OURS = [
    {},
    {"X-Requested-By": "taskapi"},
    {"Origin": "http://test"},
    {"X-Requested-By": "taskapi", "Origin": "null"},
    {"X-Requested-By": "taskapi", "Origin": "http://evil.example"},
    {"X-Requested-By": "taskapi", "Origin": "http://test.evil.example"},
    {"X-Requested-By": "taskapi", "Origin": "http://["},
]


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


@pytest.fixture
async def page(maria: Person, make: Factory) -> AsyncIterator[httpx.AsyncClient]:
    """A page of ours where Maria has signed in; it has lost its access token, as one that was closed has."""
    async with make.client() as client:
        answer = await sign_in(client)
        assert answer.status_code == 200, answer.text
        client.headers.update(OURS)
        yield client


async def sign_in(client: httpx.AsyncClient, **more: str) -> httpx.Response:
    return await client.post(LOGIN, json={"username": "maria", "password": PASSWORD, **IN_COOKIE, **more})


async def refresh(client: httpx.AsyncClient, **more: str) -> httpx.Response:
    return await client.post(REFRESH, json={**IN_COOKIE, **more})


async def is_good(client: httpx.AsyncClient, access_token: str) -> bool:
    return (await client.get(VALIDATE, headers={"Authorization": f"Bearer {access_token}"})).is_success


def cookie_of(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """The one cookie that an answer sets: its value, and what is said of it."""
    [said] = answer.headers.get_list("set-cookie")
    (name, value), *attributes = (part.strip().partition("=")[::2] for part in said.split(";"))
    return value, {"name": name, **dict(attributes)}


async def test_the_token_is_in_the_cookie_and_nowhere_else(maria: Person, client: httpx.AsyncClient) -> None:
    answer = await sign_in(client)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "user"}
    value, attributes = cookie_of(answer)
    assert value.startswith("tapr_")
    assert value not in answer.text
    age = int(attributes.pop("Max-Age"))
    assert 90 * 86400 - 60 < age <= 90 * 86400
    assert attributes == {"name": "rt", "HttpOnly": "", "SameSite": "Strict", "Path": "/"}


@pytest.mark.parametrize(
    ("public_url", "name"),
    [
        ("https://tasks.example.org", "__Host-rt"),
        ("https://localhost:8000", "__Host-rt"),
        ("http://tasks.example.org", "__Host-rt"),
        ("http://localhost:8000", "rt"),
        ("http://[::1]:8000/", "rt"),
    ],
)
async def test_only_ones_own_machine_may_do_without_tls(
    public_url: str, name: str, maria: Person, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    settings = Settings(server=ServerSettings(public_url=public_url), security=SecuritySettings(session_days=7))
    make = Factory(create_app(settings, shared_database, quick_passwords))
    async with make.client() as client:
        value, attributes = cookie_of(await sign_in(client))
        assert attributes["name"] == name
        assert ("Secure" in attributes) is (name == "__Host-rt")
        assert (attributes["Path"], attributes["SameSite"]) == ("/", "Strict")
        assert "Domain" not in attributes
        assert 7 * 86400 - 60 < int(attributes["Max-Age"]) <= 7 * 86400
        client.headers.update({"Cookie": f"{name}={value}", **OURS, "Origin": public_url.rstrip("/")})
        assert (await refresh(client)).is_success
        assert problem(await client.post(REFRESH, json=IN_COOKIE, headers={"Origin": "http://test"})) == FOREIGN


async def test_a_page_that_comes_back_is_signed_in(page: httpx.AsyncClient) -> None:
    before = page.cookies["rt"]
    for body in (IN_COOKIE, {}):
        answer = await page.post(REFRESH, json=body)
        assert answer.status_code == 200, answer.text
        assert "refresh_token" not in answer.json()
        assert await is_good(page, answer.json()["access_token"])
    assert page.cookies["rt"] != before


async def test_the_cookie_lasts_as_long_as_its_session_and_no_longer(page: httpx.AsyncClient) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=10), tick=False):
        _, attributes = cookie_of(await refresh(page))
    assert 80 * 86400 - 60 < int(attributes["Max-Age"]) <= 80 * 86400


@pytest.mark.parametrize("headers", NOT_OURS, ids=str)
async def test_the_cookie_counts_only_from_a_page_of_ours(page: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for name in OURS:
        del page.headers[name]
    for path, sent in ((REFRESH, {"json": IN_COOKIE}), (REFRESH, {"json": {}}), (LOGOUT, {})):
        answer = await page.post(path, headers=headers, **sent)
        assert problem(answer) == FOREIGN
        assert "set-cookie" not in answer.headers
    page.headers.update(OURS)
    assert (await refresh(page)).is_success


async def test_a_page_of_a_friend_may_use_the_cookie(
    maria: Person, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    friend = "https://app.example.org"
    settings = Settings(security=SecuritySettings(cors_origins=[friend]))
    make = Factory(create_app(settings, shared_database, quick_passwords))
    async with make.client() as client:
        client.headers.update({"Origin": friend})
        await sign_in(client)
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-requested-by"}
        preflight = await client.options(REFRESH, headers=asked)
        assert "x-requested-by" in preflight.headers["access-control-allow-headers"].lower()
        answer = await client.post(REFRESH, json=IN_COOKIE, headers={"X-Requested-By": "friend"})
        assert answer.is_success
        assert answer.headers["access-control-allow-credentials"] == "true"


async def test_the_token_of_the_body_comes_before_the_cookie(page: httpx.AsyncClient, maria: Person) -> None:
    for name in OURS:
        del page.headers[name]
    before = page.cookies["rt"]
    answer = await page.post(REFRESH, json={"refresh_token": maria.refresh_token})
    assert answer.json()["refresh_token"] not in {before, maria.refresh_token}
    assert page.cookies["rt"] == before
    moved = await refresh(page, refresh_token=answer.json()["refresh_token"])
    assert "refresh_token" not in moved.json()
    assert cookie_of(moved)[0] == page.cookies["rt"] != before


async def test_a_refused_token_of_the_body_leaves_the_cookie(page: httpx.AsyncClient) -> None:
    answer = await refresh(page, refresh_token="tapr_nonsense")
    assert problem(answer) == (401, "invalid_token")
    assert "set-cookie" not in answer.headers


async def test_without_a_cookie_a_page_is_signed_out(client: httpx.AsyncClient) -> None:
    assert problem(await client.post(REFRESH, json=IN_COOKIE, headers=OURS)) == (401, "unauthorized")
    assert problem(await client.post(LOGOUT, headers=OURS)) == (401, "unauthorized")
    assert problem(await client.post(REFRESH, json=IN_COOKIE)) == FOREIGN
    assert pointers(await client.post(REFRESH, json={}, headers=OURS)) == ["/refresh_token"]


@pytest.mark.parametrize("kept", ["nowhere", "Cookie", 1, True, ["cookie"]])
async def test_there_is_no_other_place_to_keep_it(client: httpx.AsyncClient, kept: Any) -> None:
    assert pointers(await client.post(REFRESH, json={"session": kept}, headers=OURS)) == ["/session"]


async def test_a_replay_ends_the_session_and_takes_the_cookie(page: httpx.AsyncClient) -> None:
    stolen = page.cookies["rt"]
    kept = (await refresh(page)).json()["access_token"]
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=11), tick=False):
        page.cookies.set("rt", stolen)
        answer = await refresh(page)
        assert problem(answer) == (401, "token_reused")
        assert cookie_of(answer) == ("", cookie_of(answer)[1] | {"name": "rt", "Path": "/", "Max-Age": "0"})
        assert not await is_good(page, kept)


@pytest.mark.parametrize("value", ["tapr_nonsense", "x", "tapr_" + "A" * 3000, "tapr_%C3%A9", "tapr_\u00e9"])
async def test_a_cookie_that_is_no_token_is_taken_away(page: httpx.AsyncClient, value: str) -> None:
    for path, sent in ((REFRESH, {"json": IN_COOKIE}), (LOGOUT, {})):
        page.cookies.clear()
        headers = httpx.Headers({"Cookie": f"rt={value}"}, encoding="latin-1")
        answer = await page.post(path, headers=headers, **sent)  # type: ignore[arg-type]
        assert problem(answer) == (401, "invalid_token")
        assert cookie_of(answer)[1]["Max-Age"] == "0"


async def test_a_session_that_was_ended_elsewhere_is_over(
    page: httpx.AsyncClient, maria: Person, client_for: ClientFor
) -> None:
    mine = client_for(maria)
    [newest, _] = (await mine.get("/api/v1/auth/sessions")).json()["items"]
    assert newest["user_agent"] == page.headers["user-agent"]
    assert (await mine.delete(f"/api/v1/auth/sessions/{newest['id']}")).status_code == 204
    answer = await refresh(page)
    assert problem(answer) == (401, "invalid_token")
    assert cookie_of(answer)[1]["Max-Age"] == "0"
    assert "rt" not in page.cookies


async def test_signing_out_needs_no_access_token(page: httpx.AsyncClient) -> None:
    pair = (await refresh(page)).json()
    stale = page.cookies["rt"]
    answer = await page.post(LOGOUT)
    assert answer.status_code == 204
    assert cookie_of(answer)[1]["Max-Age"] == "0"
    assert "rt" not in page.cookies
    assert not await is_good(page, pair["access_token"])
    page.cookies.set("rt", stale)
    assert problem(await page.post(LOGOUT)) == (401, "invalid_token")


async def test_signing_out_works_when_the_access_token_has_run_out(page: httpx.AsyncClient) -> None:
    """A tab that was asleep for an hour: whoever presses the button means the session, and not the token."""
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=-1), tick=False):
        stale = {"Authorization": f"Bearer {(await sign_in(page)).json()['access_token']}"}
    assert problem(await page.post(LOGOUT, headers={**stale, "Origin": "http://evil.example"})) == (
        401,
        "invalid_token",
    )
    kept = page.cookies["rt"]
    assert (await page.post(LOGOUT, headers=stale)).status_code == 204
    page.cookies.set("rt", kept)
    assert problem(await refresh(page)) == (401, "invalid_token")


@pytest.mark.parametrize("path", [LOGOUT, f"{LOGOUT}-all"])
async def test_signing_out_with_the_access_token_takes_the_cookie_too(page: httpx.AsyncClient, path: str) -> None:
    pair = (await refresh(page)).json()
    for name in OURS:
        del page.headers[name]
    answer = await page.post(path, headers={"Authorization": f"Bearer {pair['access_token']}"})
    assert answer.status_code == 204
    assert "rt" not in page.cookies
    assert not await is_good(page, pair["access_token"])


async def test_whoever_has_no_cookie_is_given_none(maria: Person, client_for: ClientFor) -> None:
    answer = await client_for(maria).post(LOGOUT)
    assert (answer.status_code, "set-cookie" in answer.headers) == (204, False)


async def test_a_second_factor_comes_before_the_cookie(maria: Person, make: Factory, client_for: ClientFor) -> None:
    app = await set_up(client_for(maria))
    async with make.client() as client:
        refused = await sign_in(client)
        assert problem(refused) == (401, "totp_required")
        assert "set-cookie" not in refused.headers
        answer = await sign_in(client, totp_code=app.recovery_codes[0])
        assert answer.status_code == 200, answer.text
        assert cookie_of(answer)[0].startswith("tapr_")


async def test_two_tabs_that_wake_together_stay_signed_in(live: Factory) -> None:
    await live.user("maria")
    async with live.client() as client:
        await sign_in(client)
        client.headers.update(OURS)
        answers = await asyncio.gather(*(refresh(client) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({cookie_of(answer)[0] for answer in answers}) == 1
        assert (await refresh(client)).is_success
