"""A refresh token works once; a lost answer is given again for ten seconds; a replay ends the session."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine

from tests.support.answers import pointers, problem
from tests.support.factory import Factory, Person

REFRESH = "/api/v1/auth/refresh"
VALIDATE = "/api/v1/auth/validate"


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(REFRESH, json={"refresh_token": token})


async def is_good(client: httpx.AsyncClient, access_token: str) -> bool:
    return (await client.get(VALIDATE, headers={"Authorization": f"Bearer {access_token}"})).is_success


async def test_a_refresh_token_gives_a_new_pair(maria: Person, client: httpx.AsyncClient) -> None:
    answer = await refresh(client, maria.refresh_token)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    pair = answer.json()
    assert pair["refresh_token"] != maria.refresh_token
    assert (pair["user"]["username"], pair["token_type"], pair["expires_in"]) == ("maria", "bearer", 600)
    assert await is_good(client, pair["access_token"])


async def test_refresh_tokens_follow_each_other(maria: Person, client: httpx.AsyncClient) -> None:
    token = maria.refresh_token
    for _ in range(5):
        token = (await refresh(client, token)).json()["refresh_token"]
    assert (await refresh(client, token)).is_success


async def test_a_lost_answer_is_given_again_for_ten_seconds(
    maria: Person, client: httpx.AsyncClient, clock: time_machine.Traveller
) -> None:
    first = (await refresh(client, maria.refresh_token)).json()
    clock.shift(9)
    second = (await refresh(client, maria.refresh_token)).json()
    assert second["refresh_token"] == first["refresh_token"]
    assert (await refresh(client, first["refresh_token"])).is_success


async def test_a_later_replay_ends_the_session(
    maria: Person, client: httpx.AsyncClient, clock: time_machine.Traveller
) -> None:
    first = (await refresh(client, maria.refresh_token)).json()
    clock.shift(11)
    assert problem(await refresh(client, maria.refresh_token)) == (401, "token_reused")
    assert problem(await refresh(client, first["refresh_token"])) == (401, "invalid_token")
    assert not await is_good(client, first["access_token"])


async def test_a_token_from_before_the_last_is_a_replay_at_once(maria: Person, client: httpx.AsyncClient) -> None:
    first = (await refresh(client, maria.refresh_token)).json()
    second = (await refresh(client, first["refresh_token"])).json()
    assert problem(await refresh(client, maria.refresh_token)) == (401, "token_reused")
    assert problem(await refresh(client, second["refresh_token"])) == (401, "invalid_token")


async def test_a_replay_ends_no_other_session(maria: Person, client: httpx.AsyncClient, make: Factory) -> None:
    body = {"username": "maria", "password": "correct horse battery"}
    other = (await client.post("/api/v1/auth/login", json=body)).json()
    first = (await refresh(client, maria.refresh_token)).json()
    await refresh(client, first["refresh_token"])
    await refresh(client, maria.refresh_token)
    assert (await refresh(client, other["refresh_token"])).is_success


async def test_a_session_that_is_not_used_for_two_weeks_ends(
    maria: Person, client: httpx.AsyncClient, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=13))
    second = (await refresh(client, maria.refresh_token)).json()
    clock.shift(timedelta(days=15))
    assert problem(await refresh(client, second["refresh_token"])) == (401, "invalid_token")


async def test_a_session_ends_after_ninety_days_however_often_it_was_used(
    maria: Person, client: httpx.AsyncClient, clock: time_machine.Traveller
) -> None:
    token = maria.refresh_token
    for _ in range(8):
        clock.shift(timedelta(days=11))
        token = (await refresh(client, token)).json()["refresh_token"]
    clock.shift(timedelta(days=3))
    assert problem(await refresh(client, token)) == (401, "invalid_token")


@pytest.mark.parametrize("touched", ["tapr_", "nonsense", "{0}A", "{1}", "x{0}", "tapr_AAAA"])
async def test_what_is_no_refresh_token_is_refused(touched: str, maria: Person, client: httpx.AsyncClient) -> None:
    token = touched.format(maria.refresh_token, maria.access_token)
    assert problem(await refresh(client, token)) == (401, "invalid_token")


async def test_a_disabled_account_does_not_refresh(maria: Person, make: Factory, client: httpx.AsyncClient) -> None:
    admin = await make.user(admin=True)
    await client.patch(f"/api/v1/users/{maria.id}", json={"is_active": False}, headers=admin.headers)
    assert problem(await refresh(client, maria.refresh_token)) == (401, "invalid_token")


async def test_a_body_without_a_token_is_pointed_at(client: httpx.AsyncClient) -> None:
    assert pointers(await client.post(REFRESH, json={})) == ["/refresh_token"]
    assert pointers(await refresh(client, "has space")) == ["/refresh_token"]
