"""Sign-ins that fail are told of the account that they were for, and so seldom that nobody fills the log with them."""

from typing import Any

import httpx
import pytest

from taskapi.core.errors import Overloaded
from taskapi.core.secrets.passwords import Passwords
from tests.conftest import ClientFor
from tests.support.authenticator import set_up
from tests.support.factory import PASSWORD, Factory
from tests.support.people import LOGIN, ME

FAILED = "SELECT changes, subject_id, actor_id FROM events WHERE kind = 'user.sign_in_failed' ORDER BY xid, seq"


async def login(client: httpx.AsyncClient, **body: str) -> int:
    return (await client.post(LOGIN, json=body, headers={"User-Agent": "Burglar"})).status_code


async def test_one_is_told_with_where_it_came_from_and_the_next_ones_are_not(
    make: Factory, client: httpx.AsyncClient, tables: Any
) -> None:
    ana = await make.user("ana")
    for _ in range(3):
        assert await login(client, username="ana", password="wrong") == 401
    [told] = await tables.fetch(FAILED)
    assert (told["subject_id"], told["actor_id"]) == (ana.id, None)
    assert told["changes"] == {
        "wrong": [None, "password"],
        "user_agent": [None, "Burglar"],
        "address": [None, "127.0.0.1"],
    }
    # A quarter of an hour later, the next one is.
    await tables.execute("UPDATE events SET at = at - interval '16 minutes' WHERE kind = 'user.sign_in_failed'")
    assert await login(client, username="ana@example.com", password="wrong") == 401
    assert len(await tables.fetch(FAILED)) == 2


async def test_whoever_signs_in_and_whom_nobody_knows_are_not_told(
    make: Factory, client: httpx.AsyncClient, tables: Any
) -> None:
    await make.user("ana")
    assert await login(client, username="ana", password=PASSWORD) == 200
    assert await login(client, username="my password by mistake", password="x") in {401, 422}
    assert await login(client, username="nobody", password="wrong") == 401
    assert await tables.fetch(FAILED) == []


async def test_who_found_no_place_to_sign_in_has_not_failed(
    make: Factory, client: httpx.AsyncClient, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a flood of sign-ins would lock out everybody who tries meanwhile."""

    async def no_place(*_: object) -> None:
        raise Overloaded("Too many people are signing in")

    await make.user("ana")
    assert await login(client, username="ana", password="wrong") == 401
    with monkeypatch.context() as flood:
        flood.setattr(Passwords, "verify", no_place)
        assert [await login(client, username="ana", password=PASSWORD) for _ in range(20)] == [503] * 20
    assert await tables.fetchval("SELECT max(failures) FROM sign_in_limits") == 1
    assert await tables.fetchval("SELECT max(pending) FROM sign_in_limits") == 0
    assert len(await tables.fetch(FAILED)) == 1
    assert await login(client, username="ana", password=PASSWORD) == 200


async def test_a_wrong_code_is_told_too(
    make: Factory, client_for: ClientFor, client: httpx.AsyncClient, tables: Any
) -> None:
    await set_up(client_for(await make.user("ana")))
    assert await login(client, username="ana", password=PASSWORD, totp_code="000000") == 401
    [told] = await tables.fetch(FAILED)
    assert told["changes"]["wrong"] == [None, "code"]


async def test_where_they_came_from_goes_with_the_account(
    make: Factory, client_for: ClientFor, client: httpx.AsyncClient, tables: Any
) -> None:
    ana = await make.user("ana")
    await login(client, username="ana", password="wrong")
    assert (await client_for(ana).request("DELETE", ME, json={"password": PASSWORD})).status_code == 204
    [told] = await tables.fetch(FAILED)
    assert told["changes"] == {"wrong": [None, "password"]}
