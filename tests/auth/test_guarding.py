"""Guessing is slowed down per account and per address; what is no longer needed is forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine

from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.databases import RolledBackDatabase
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.sweeps import sweep

LOGIN = "/api/v1/auth/login"


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


async def login_from(make: Factory, address: str, username: str, password: str = "wrong horse") -> httpx.Response:
    transport = httpx.ASGITransport(make.app, client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(LOGIN, json={"username": username, "password": password})


async def fill(tables: Any, bucket: str) -> None:
    """As a hundred wrong guesses from everywhere do."""
    await tables.execute(
        "INSERT INTO sign_in_limits (bucket, started_at, failures) VALUES ($1, now(), 100)"
        " ON CONFLICT (bucket) DO UPDATE SET failures = 100",
        bucket,
    )


async def test_an_address_is_counted_whatever_account_it_tries(maria: Person, make: Factory) -> None:
    for n in range(10):
        assert problem(await login_from(make, "203.0.113.1", f"user{n}"))[0] == 401
    assert problem(await login_from(make, "203.0.113.1", "maria", PASSWORD)) == (429, "too_many_sign_ins")
    assert (await login_from(make, "203.0.113.2", "maria", PASSWORD)).is_success


async def test_a_refusal_names_the_limit_that_refused(maria: Person, make: Factory, tables: Any) -> None:
    for n in range(10):
        await login_from(make, "203.0.113.1", f"user{n}")
    other = await make.user("other")
    await fill(tables, f"sign-in:{other.id}")
    for address, username, name, quota, window in (
        ("203.0.113.1", "maria", "address", 10, 60),
        ("203.0.113.2", "other", "sign-in", 100, 900),
    ):
        refused = await login_from(make, address, username, PASSWORD)
        assert problem(refused) == (429, "too_many_sign_ins")
        told = refused.headers
        assert told["ratelimit-policy"] == f'"{name}";q={quota};w={window}'
        assert told["ratelimit"] == f'"{name}";r=0;t={told["retry-after"]}'
        assert (told["x-ratelimit-limit"], told["x-ratelimit-remaining"]) == (str(quota), "0")
        left = int(told["x-ratelimit-reset"]) - datetime.now(UTC).timestamp()
        assert 0 < left <= window
    allowed = await login_from(make, "203.0.113.3", "nobody")
    assert '"anonymous"' in allowed.headers["ratelimit"]


async def test_an_office_behind_one_address_may_be_given_more_tries(
    tables: Any, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    settings = Settings.model_validate({"security": {"rate_limit_failures_per_minute": 12}})
    office = Factory(create_app(settings, shared_database, quick_passwords))
    answers = [(await login_from(office, "203.0.113.1", f"user{n}")).status_code for n in range(14)]
    assert answers == [401] * 12 + [429] * 2


async def test_all_addresses_of_an_ipv6_customer_are_one(maria: Person, make: Factory) -> None:
    for n in range(10):
        assert problem(await login_from(make, f"2001:db8:1:2::{n}", "maria"))[0] == 401
    assert problem(await login_from(make, "2001:db8:1:2:ffff::1", "maria", PASSWORD)) == (429, "too_many_sign_ins")
    assert (await login_from(make, "2001:db8:1:3::1", "maria", PASSWORD)).is_success


async def test_an_account_is_counted_wherever_it_is_tried_from(maria: Person, make: Factory, tables: Any) -> None:
    for n in range(5):
        await login_from(make, f"203.0.113.{n}", "MARIA")
    bucket = f"sign-in:{maria.id}"
    assert await tables.fetchval("SELECT failures FROM sign_in_limits WHERE bucket = $1", bucket) == 5
    await fill(tables, bucket)
    refused = await login_from(make, "198.51.100.1", "maria", PASSWORD)
    assert problem(refused) == (429, "too_many_sign_ins")
    assert 60 < int(refused.headers["retry-after"]) <= 900


# Full-width letters of a domain mean the plain ones (UTS 46).
@pytest.mark.parametrize("name", ["maria", "Maria@Example.com", "maria@\uff45xample.com", "maria@exampLE.\uff43om"])
async def test_no_spelling_of_an_account_has_tries_of_its_own(
    name: str, maria: Person, make: Factory, tables: Any
) -> None:
    await fill(tables, f"sign-in:{maria.id}")
    assert problem(await login_from(make, "198.51.100.1", name)) == (429, "too_many_sign_ins")


async def test_spellings_of_a_name_that_nobody_has_are_one(make: Factory, tables: Any) -> None:
    for number, name in enumerate(["nobody@example.com", "Nobody@EXAMPLE.com", "nobody@\uff45xample.com"]):
        assert problem(await login_from(make, f"203.0.113.{number}", name))[0] == 401
    failures = "SELECT failures FROM sign_in_limits WHERE bucket LIKE 'sign-in:%'"
    assert [row["failures"] for row in await tables.fetch(failures)] == [3]


async def test_what_was_typed_is_not_kept(maria: Person, make: Factory, tables: Any) -> None:
    """Some people type their password where the name belongs."""
    for number, name in enumerate(["maria", "maria@example.com", "nobody", PASSWORD]):
        await login_from(make, f"203.0.113.{number}", name)
    kept = " ".join(row["bucket"] for row in await tables.fetch("SELECT bucket FROM sign_in_limits"))
    assert not [word for word in ("maria", "nobody", PASSWORD, PASSWORD.split()[0]) if word in kept]


async def test_nobody_reaches_the_counter_of_others_by_typing_an_id(
    maria: Person, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    mine = client_for(maria)
    project = await make.project(maria)
    link = await mine.post(f"/api/v1/projects/{project.key}/share-links", json={"password": "open sesame, please"})
    for number, name in enumerate([str(maria.id), f"share:{link.json()['id']}", link.json()["id"]]):
        for _ in range(2):
            assert problem(await login_from(make, f"203.0.113.{number}", name))[0] == 401
    for row in await tables.fetch("SELECT bucket FROM sign_in_limits WHERE failures > 0"):
        await fill(tables, row["bucket"])
    assert (await login_from(make, "198.51.100.1", "maria", PASSWORD)).is_success
    change = {"current_password": PASSWORD, "new_password": "another horse battery"}
    assert (await mine.post("/api/v1/auth/password/change", json=change)).is_success
    headers = {"X-Share-Password": "open sesame, please"}
    assert (await mine.get(f"/api/v1/shared/{link.json()['token']}", headers=headers)).is_success


async def test_a_thief_of_a_session_keeps_nobody_from_changing_the_password(
    maria: Person, make: Factory, client: httpx.AsyncClient, client_for: ClientFor, tables: Any
) -> None:
    """Each session has tries of its own, so that those of a stolen one are not the owner's."""
    stolen = await login_from(make, "203.0.113.1", "maria", PASSWORD)
    thief = {"Authorization": f"Bearer {stolen.json()['access_token']}"}
    change = {"current_password": "a guess", "new_password": "another horse battery"}
    for _ in range(2):
        refused = await client.post("/api/v1/auth/password/change", json=change, headers=thief)
        assert problem(refused) == (403, "wrong_password")
    others = "SELECT bucket FROM sign_in_limits WHERE failures > 0 AND bucket NOT LIKE 'address:%'"
    for row in await tables.fetch(others):
        await fill(tables, row["bucket"])
    assert (await client.post("/api/v1/auth/password/change", json=change, headers=thief)).status_code == 429
    change["current_password"] = PASSWORD
    assert (await client_for(maria).post("/api/v1/auth/password/change", json=change)).is_success


async def test_strangers_keep_nobody_out_where_they_signed_in_before(maria: Person, make: Factory, tables: Any) -> None:
    for address in ("198.51.100.7", "2001:db8:1:2::1"):
        await login_from(make, address, "maria", PASSWORD)
    await fill(tables, f"sign-in:{maria.id}")
    assert problem(await login_from(make, "198.51.100.8", "maria", PASSWORD)) == (429, "too_many_sign_ins")
    for _ in range(2):
        assert (await login_from(make, "198.51.100.7", "maria@example.com", PASSWORD)).is_success
        assert (await login_from(make, "2001:db8:1:2:ffff::2", "maria", PASSWORD)).is_success
    told = "SELECT failures FROM sign_in_limits WHERE bucket = $1"
    assert await tables.fetchval(told, f"sign-in:{maria.id}") == 100, "an owner forgives strangers nothing"


async def test_at_a_known_place_there_are_ten_tries_more(maria: Person, make: Factory, tables: Any) -> None:
    await login_from(make, "198.51.100.7", "maria", PASSWORD)
    await fill(tables, f"sign-in:{maria.id}")
    for _ in range(10):
        assert problem(await login_from(make, "198.51.100.7", "maria")) == (401, "invalid_credentials")
        await tables.execute("DELETE FROM sign_in_limits WHERE bucket LIKE 'address:%'")
    refused = await login_from(make, "198.51.100.7", "maria", PASSWORD)
    assert problem(refused) == (429, "too_many_sign_ins")
    assert 60 < int(refused.headers["retry-after"]) <= 900


async def test_a_place_is_known_to_the_account_that_was_signed_in_to_there(
    maria: Person, make: Factory, tables: Any
) -> None:
    other = await make.user("other")
    await login_from(make, "198.51.100.7", "other", PASSWORD)
    await login_from(make, "198.51.100.7", "maria", "a wrong password")
    for person in (maria, other):
        await fill(tables, f"sign-in:{person.id}")
    assert problem(await login_from(make, "198.51.100.7", "maria", PASSWORD))[0] == 429
    assert (await login_from(make, "198.51.100.7", "other", PASSWORD)).is_success


async def test_a_known_place_counts_for_its_address_like_any_other(maria: Person, make: Factory) -> None:
    """Or ten wrong guesses would tell whoever shares an address which accounts are used from there."""
    await login_from(make, "198.51.100.7", "maria", PASSWORD)
    for n in range(10):
        await login_from(make, "198.51.100.7", f"user{n}")
    for name in ("maria", "nobody"):
        assert problem(await login_from(make, "198.51.100.7", name, PASSWORD)) == (429, "too_many_sign_ins")


async def test_a_place_is_known_for_a_month(maria: Person, make: Factory, tables: Any) -> None:
    for days, left in ((29, 1), (31, 0)):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=days), tick=False):
            await sweep(make.app, "known_places")
            assert await tables.fetchval("SELECT count(*) FROM known_places") == left, days
    await login_from(make, "198.51.100.7", "maria", PASSWORD)
    await fill(tables, f"sign-in:{maria.id}")
    await tables.execute("UPDATE known_places SET last_used_at = now() - interval '31 days'")
    assert problem(await login_from(make, "198.51.100.7", "maria", PASSWORD))[0] == 429


async def test_an_account_has_at_most_twenty_known_places(maria: Person, make: Factory, tables: Any) -> None:
    other = await make.user("other")
    for n in range(25):
        await login_from(make, f"198.51.100.{n}", "maria", PASSWORD)
    await login_from(make, "198.51.100.99", "other", PASSWORD)
    await login_from(make, "198.51.100.23", "maria", PASSWORD)
    count = "SELECT count(*) FROM known_places WHERE user_id = $1"
    assert [await tables.fetchval(count, person.id) for person in (maria, other)] == [20, 2]
    await fill(tables, f"sign-in:{maria.id}")
    assert problem(await login_from(make, "198.51.100.4", "maria", PASSWORD))[0] == 429
    assert (await login_from(make, "198.51.100.5", "maria", PASSWORD)).is_success


async def test_the_table_of_places_tells_nobody_where_that_is(maria: Person, make: Factory, tables: Any) -> None:
    await make.user("other")
    places = [bytes(row["place"]) for row in await tables.fetch("SELECT place FROM known_places")]
    assert [len(place) for place in places] == [32, 32]
    assert len(set(places)) == 2, "the same address, for each account another hash"


async def test_a_sign_in_forgives_the_failures_of_its_account(maria: Person, make: Factory, tables: Any) -> None:
    await login_from(make, "203.0.113.1", "maria")
    await login_from(make, "203.0.113.2", "maria", PASSWORD)
    told = "SELECT failures, pending FROM sign_in_limits WHERE bucket = $1"
    state = await tables.fetchrow(told, f"sign-in:{maria.id}")
    assert tuple(state) == (0, 0)


async def test_counters_are_forgotten_when_their_window_is_over(maria: Person, make: Factory, tables: Any) -> None:
    await login_from(make, "203.0.113.1", "maria")
    await sweep(make.app, "sign_in_failures")
    assert await tables.fetchval("SELECT count(*) FROM sign_in_limits") > 0
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16), tick=False):
        await sweep(make.app, "sign_in_failures")
    assert await tables.fetchval("SELECT count(*) FROM sign_in_limits") == 0


async def test_a_session_is_forgotten_a_month_after_its_end(
    maria: Person, client: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await client.post("/api/v1/auth/logout", headers=maria.headers)
    await make.user("still-here")
    for days, left in ((29, 2), (31, 1), (89, 1), (121, 0)):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=days), tick=False):
            await sweep(make.app, "sessions")
        assert await tables.fetchval("SELECT count(*) FROM sessions") == left, days


async def test_a_hash_of_yesterdays_strength_is_renewed_at_the_next_sign_in(
    maria: Person, client: httpx.AsyncClient, tables: Any
) -> None:
    yesterday = Passwords(memory_kib=16, passes=2)
    old = await yesterday.hash(PASSWORD)
    yesterday.close()
    await tables.execute("UPDATE users SET password_hash = $1 WHERE id = $2", old, maria.id)
    for _ in range(2):
        assert (await client.post(LOGIN, json={"username": "maria", "password": PASSWORD})).is_success
    renewed = await tables.fetchval("SELECT password_hash FROM users WHERE id = $1", maria.id)
    assert renewed.startswith("$argon2id$v=19$m=8,t=1,p=1$")


async def test_an_account_without_a_password_cannot_sign_in_with_one(
    maria: Person, client: httpx.AsyncClient, tables: Any
) -> None:
    await tables.execute("UPDATE users SET password_hash = NULL WHERE id = $1", maria.id)
    for password in (PASSWORD, "nobody has this password"):
        refused = await client.post(LOGIN, json={"username": "maria", "password": password})
        assert problem(refused) == (401, "invalid_credentials")
