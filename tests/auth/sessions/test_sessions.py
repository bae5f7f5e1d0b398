"""Everybody sees where they are signed in, and ends any of these from any other."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.conftest import ClientFor
from tests.support import databases
from tests.support.answers import column, pointers, problem, walk
from tests.support.clocks import forget_callers_by_time
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.statements import Counting

SESSIONS = "/api/v1/auth/sessions"
VALIDATE = "/api/v1/auth/validate"


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


@pytest.fixture
async def mine(maria: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(maria)


async def login(client: httpx.AsyncClient, agent: str) -> str:
    body = {"username": "maria", "password": PASSWORD}
    answer = await client.post("/api/v1/auth/login", json=body, headers={"User-Agent": agent})
    token: str = answer.json()["access_token"]
    return token


async def test_sessions_are_listed_newest_first(mine: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    await login(client, "phone")
    await login(client, "x" * 600)
    items = (await mine.get(SESSIONS)).json()["items"]
    assert [(item["user_agent"], item["current"]) for item in items] == [
        ("x" * 500, False),
        ("phone", False),
        ("tests", True),
    ]
    assert items[1]["address"] == "127.0.0.1"
    assert items[1]["last_used_at"] == items[1]["created_at"] < items[1]["expires_at"]


async def test_sessions_are_walked_and_counted(mine: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    for n in range(3):
        await login(client, f"{n}")
    assert [item["user_agent"] for item in await walk(mine, SESSIONS, limit=1)] == ["2", "1", "0", "tests"]
    assert (await mine.get(f"{SESSIONS}?page=2&limit=3")).json()["total"] == 4
    assert pointers(await mine.get(f"{SESSIONS}?user_agent=x")) == ["/query/user_agent"]


async def test_nobody_sees_the_sessions_of_others(mine: httpx.AsyncClient, make: Factory) -> None:
    await make.user()
    assert column(await mine.get(SESSIONS), "user_agent") == ["tests"]


async def test_one_session_ends_another(mine: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    token = await login(client, "phone")
    phone = (await mine.get(SESSIONS)).json()["items"][0]
    assert (await mine.delete(f"{SESSIONS}/{phone['id']}")).status_code == 204
    ended = await client.get(VALIDATE, headers={"Authorization": f"Bearer {token}"})
    assert problem(ended) == (401, "invalid_token")
    assert column(await mine.get(SESSIONS), "user_agent") == ["tests"]
    assert problem(await mine.delete(f"{SESSIONS}/{phone['id']}")) == (404, "not_found")


async def test_the_session_of_somebody_else_is_as_absent_as_a_missing_one(
    mine: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    theirs = client_for(await make.user())
    (session,) = (await theirs.get(SESSIONS)).json()["items"]
    foreign = await mine.delete(f"{SESSIONS}/{session['id']}")
    missing = await mine.delete(f"{SESSIONS}/{uuid4()}")
    assert problem(foreign) == problem(missing) == (404, "not_found")
    blank = {"instance": "", "request_id": ""}
    assert foreign.json() | blank == missing.json() | blank
    assert (await theirs.get(VALIDATE)).is_success


async def test_a_session_is_named_by_its_id(mine: httpx.AsyncClient) -> None:
    assert pointers(await mine.delete(f"{SESSIONS}/current")) == ["/path/session_id"]


async def test_sessions_are_for_those_who_are_signed_in(client: httpx.AsyncClient) -> None:
    assert problem(await client.get(SESSIONS)) == (401, "unauthorized")
    assert problem(await client.delete(f"{SESSIONS}/{uuid4()}")) == (401, "unauthorized")


async def test_sessions_are_one_round_trip(mine: httpx.AsyncClient, count_statements: Counting) -> None:
    await mine.get(SESSIONS)
    async with count_statements() as seen:
        await mine.get(SESSIONS)
    assert len(seen) == 1


@pytest.fixture
async def elsewhere(live: Factory, database_url: str, quick_passwords: Passwords) -> AsyncIterator[Factory]:
    """A second process of the same service, as far as one process can be."""
    database = Database(databases.settings_for(database_url))
    yield Factory(create_app(Settings(), database, quick_passwords))
    await database.dispose()


async def test_a_session_ended_in_one_process_is_dead_in_the_other_within_five_seconds(
    live: Factory, elsewhere: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = await live.user("maria")
    async with live.client(maria) as here, elsewhere.client(maria) as there:
        assert (await there.get(VALIDATE)).is_success
        await here.post("/api/v1/auth/logout")
        assert problem(await here.get(VALIDATE)) == (401, "invalid_token")
        forget_callers_by_time(monkeypatch)
        assert problem(await there.get(VALIDATE)) == (401, "invalid_token")


async def test_one_is_read_alone_and_ended_in_the_only_version_it_has(mine: httpx.AsyncClient, maria: Person) -> None:
    (session,) = (await mine.get(SESSIONS)).json()["items"]
    path = f"{SESSIONS}/{session['id']}"
    read = await mine.get(path)
    assert read.json() == session
    stale = await mine.delete(path, headers={"If-Match": '"77"'})
    assert problem(stale) == (412, "precondition_failed")
    assert stale.json()["current"] == session
    assert problem(await mine.get(f"{SESSIONS}/{uuid4()}")) == (404, "not_found")
    assert (await mine.delete(path, headers={"If-Match": read.headers["etag"]})).status_code == 204


async def test_the_session_that_nobody_used_for_longest_makes_room_for_the_fifty_first(
    maria: Person, mine: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.user("other")
    await tables.execute(
        "UPDATE sessions SET rotated_at = rotated_at - interval '3 days', created_at = created_at - interval '3 days'"
    )
    first = await client.post("/api/v1/auth/login", json={"username": "maria", "password": PASSWORD})
    for n in range(48):
        await login(client, str(n))
    assert (await mine.get(f"{SESSIONS}?include=total")).json()["total"] == 50
    # Maria's oldest session was used since, so that another is the one of longest ago.
    refreshed = await client.post("/api/v1/auth/refresh", json={"refresh_token": maria.refresh_token})
    await login(client, "the fifty-first")
    headers = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
    assert (await client.get(f"{SESSIONS}?include=total", headers=headers)).json()["total"] == 50
    headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
    assert problem(await client.get(VALIDATE, headers=headers)) == (401, "invalid_token")
    ended = "SELECT changes -> 'ended' ->> 1, actor_id FROM events WHERE kind = 'session.ended'"
    assert [tuple(row) for row in await tables.fetch(ended)] == [("too many", maria.id)]
    assert (await client.get(VALIDATE, headers=other.headers)).is_success
