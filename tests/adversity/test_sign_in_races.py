"""Signing in and staying signed in, by many at the same moment, and by those who guess."""

import asyncio
from collections import Counter

import httpx
import pytest

from taskapi.core.secrets.passwords import Passwords
from tests.adversity.observing import rows, value
from tests.support.factory import PASSWORD, Factory, Person

REFRESH, LOGIN = "/api/v1/auth/refresh", "/api/v1/auth/login"


async def refresh(live: Factory, token: str) -> httpx.Response:
    return await live.client().post(REFRESH, json={"refresh_token": token})


async def is_signed_in(live: Factory, access_token: str) -> bool:
    live.app.state.parts.known_callers.clear()
    headers = {"Authorization": f"Bearer {access_token}"}
    return (await live.client().get("/api/v1/users/me", headers=headers)).status_code == 200


async def age_rotation(database_url: str, person: Person, seconds: float) -> None:
    await rows(
        database_url,
        "UPDATE sessions SET rotated_at = rotated_at - make_interval(secs => $1) WHERE user_id = $2",
        seconds,
        person.id,
    )


async def test_fifty_who_refresh_at_once_get_one_successor(live: Factory, database_url: str) -> None:
    person = await live.user()
    answers = await asyncio.gather(*(refresh(live, person.refresh_token) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 50}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert await value(database_url, "SELECT generation FROM sessions WHERE user_id = $1", person.id) == 2
    assert (await refresh(live, successors.pop())).status_code == 200


async def test_an_answer_that_was_lost_can_be_asked_for_again_within_ten_seconds(
    live: Factory, database_url: str
) -> None:
    person = await live.user()
    lost = (await refresh(live, person.refresh_token)).json()
    await age_rotation(database_url, person, 8)
    again = await refresh(live, person.refresh_token)
    assert (again.status_code, again.json()["refresh_token"]) == (200, lost["refresh_token"])
    assert await is_signed_in(live, lost["access_token"])


async def test_a_token_that_comes_again_after_ten_seconds_ends_its_session(live: Factory, database_url: str) -> None:
    person = await live.user()
    newest = (await refresh(live, person.refresh_token)).json()
    await age_rotation(database_url, person, 11)
    reuse = await refresh(live, person.refresh_token)
    assert (reuse.status_code, reuse.json()["code"]) == (401, "token_reused")
    assert (await refresh(live, newest["refresh_token"])).status_code == 401
    assert not await is_signed_in(live, newest["access_token"])
    assert not await is_signed_in(live, person.access_token)


async def test_an_older_token_ends_its_session_even_within_ten_seconds(live: Factory, database_url: str) -> None:
    person = await live.user()
    second = (await refresh(live, person.refresh_token)).json()["refresh_token"]
    third = (await refresh(live, second)).json()["refresh_token"]
    reuse = await refresh(live, person.refresh_token)
    assert (reuse.status_code, reuse.json()["code"]) == (401, "token_reused")
    assert [(await refresh(live, token)).status_code for token in (second, third)] == [401, 401]
    reason = "SELECT changes -> 'ended' ->> 1 FROM events WHERE kind = 'session.ended'"
    assert await value(database_url, reason) == "refresh token reused"


async def test_one_session_that_ends_leaves_the_others(live: Factory) -> None:
    person = await live.user()
    elsewhere = (await live.client().post(LOGIN, json={"username": person.username, "password": PASSWORD})).json()
    second = (await refresh(live, person.refresh_token)).json()["refresh_token"]
    await refresh(live, second)
    await refresh(live, person.refresh_token)
    assert not await is_signed_in(live, person.access_token)
    assert await is_signed_in(live, elsewhere["access_token"])


class Guesses:
    """Counts what reaches the hash."""

    def __init__(self, passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashed = 0
        verify = passwords.verify

        async def counted(password: str, stored: str | None) -> tuple[bool, str | None]:
            self.hashed += 1
            return await verify(password, stored)

        monkeypatch.setattr(passwords, "verify", counted)


@pytest.fixture
def guesses(quick_passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> Guesses:
    return Guesses(quick_passwords, monkeypatch)


async def sign_in(
    live: Factory, name: str, password: str, address: str = "192.0.2.1", **headers: str
) -> httpx.Response:
    transport = httpx.ASGITransport(live.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        return await client.post(LOGIN, json={"username": name, "password": password})


async def test_fifty_wrong_tries_at_once_from_everywhere_count_as_fifty(
    live: Factory, database_url: str, guesses: Guesses
) -> None:
    person = await live.user()
    guesses.hashed = 0
    tries = [sign_in(live, person.username, f"wrong {i}", f"198.51.100.{i}") for i in range(50)]
    assert {answer.status_code for answer in await asyncio.gather(*tries)} == {401}
    counted = "SELECT failures + pending FROM sign_in_limits WHERE bucket = 'sign-in:' || $1"
    assert await value(database_url, counted, str(person.id)) == guesses.hashed == 50


async def test_ten_wrong_tries_a_minute_from_one_address_reach_the_hash(live: Factory, guesses: Guesses) -> None:
    person = await live.user()
    guesses.hashed = 0
    tries = [
        sign_in(live, f"{person.username}{i % 5 or ''}", "wrong", **{"x-forwarded-for": f"203.0.113.{i}"})
        for i in range(50)
    ]
    answers = await asyncio.gather(*tries)
    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: 40}
    assert guesses.hashed == 10
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "too_many_sign_ins"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    right = await sign_in(live, person.username, PASSWORD)
    assert right.status_code == 429
    assert (await sign_in(live, person.username, PASSWORD, "192.0.2.2")).status_code == 200


async def test_neighbours_of_one_ipv6_network_share_its_ten_tries(live: Factory, guesses: Guesses) -> None:
    guesses.hashed = 0
    tries = [sign_in(live, f"nobody{i}", "wrong", f"2001:db8:1:2::{i:x}") for i in range(30)]
    assert Counter(answer.status_code for answer in await asyncio.gather(*tries)) == {401: 10, 429: 20}
    assert guesses.hashed == 10


async def test_a_hundred_wrong_tries_in_a_row_close_an_account_for_a_while(
    live: Factory, database_url: str, guesses: Guesses
) -> None:
    person = await live.user()
    guesses.hashed = 0
    tries = [sign_in(live, person.username, "wrong", f"10.0.{i}.1") for i in range(130)]
    assert Counter(answer.status_code for answer in await asyncio.gather(*tries)) == {401: 100, 429: 30}
    assert guesses.hashed == 100
    assert (await sign_in(live, person.username.upper(), PASSWORD, "10.1.0.1")).status_code == 429
    await rows(database_url, "UPDATE sign_in_limits SET started_at = started_at - interval '15 minutes'")
    assert (await sign_in(live, person.username, PASSWORD, "10.1.0.1")).status_code == 200


async def test_twenty_who_sign_in_rightly_at_once_are_all_let_in(live: Factory) -> None:
    person = await live.user()
    answers = await asyncio.gather(*(sign_in(live, person.username, PASSWORD) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {200: 20}


async def test_cancelled_tries_are_counted_and_shut_nobody_out(
    live: Factory, database_url: str, guesses: Guesses
) -> None:
    person = await live.user()
    guesses.hashed = 0
    for i in range(30):
        attempt = asyncio.create_task(sign_in(live, person.username, "wrong", f"10.2.{i}.1"))
        await asyncio.sleep(i * 0.0005)
        attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)
    await asyncio.sleep(0.2)
    counted = "SELECT coalesce(max(failures + pending), 0) FROM sign_in_limits WHERE bucket = 'sign-in:' || $1"
    assert guesses.hashed <= await value(database_url, counted, str(person.id)) <= 30
    assert (await sign_in(live, person.username, PASSWORD, "10.3.0.1")).status_code == 200


async def test_of_many_who_sign_in_at_once_fifty_sessions_stay(live: Factory, database_url: str) -> None:
    person = await live.user()
    for _ in range(3):
        answers = await asyncio.gather(*(sign_in(live, person.username, PASSWORD, f"10.4.0.{i}") for i in range(20)))
        assert Counter(answer.status_code for answer in answers) == {200: 20}
    alive = "SELECT count(*) FROM sessions WHERE user_id = $1 AND revoked_at IS NULL"
    assert await value(database_url, alive, person.id) == 50
    assert await value(database_url, "SELECT count(*) FROM known_places WHERE user_id = $1", person.id) == 20
    assert await is_signed_in(live, answers[-1].json()["access_token"])
