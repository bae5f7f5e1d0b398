"""What somebody signs in with elsewhere is listed, and taken off; the last way in stays."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import ClientFor
from tests.support import databases
from tests.support.answers import problem
from tests.support.change_log import entries
from tests.support.factory import Factory, Person
from tests.support.identities import ISSUER, link

IDENTITIES = "/api/v1/auth/identities"


async def drop_password(tables: Any, person: Person) -> None:
    await tables.execute("UPDATE users SET password_hash = NULL WHERE id = $1", person.id)


@pytest.fixture
def mine(ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


async def test_mine_are_listed_and_read_alone(mine: httpx.AsyncClient, ana: Person, make: Factory, tables: Any) -> None:
    identity = await link(make.app, ana, "ana-there")
    theirs = await link(make.app, await make.user())
    listed = (await mine.get(IDENTITIES, params={"include": "total"})).json()
    assert listed["total"] == 1
    [item] = listed["items"]
    assert (item["id"], item["issuer"], item["subject"], item["email"]) == (
        str(identity),
        ISSUER,
        "ana-there",
        "ana@example.com",
    )
    assert (await mine.get(f"{IDENTITIES}/{identity}")).json() == item
    for path in (f"{IDENTITIES}/{theirs}", f"{IDENTITIES}/{ana.id}"):
        assert problem(await mine.get(path)) == (404, "not_found")
        assert problem(await mine.delete(path)) == (404, "not_found")
    assert await tables.fetchval("SELECT count(*) FROM identities") == 2


async def test_one_is_taken_off_and_the_log_tells_it(
    mine: httpx.AsyncClient, ana: Person, app: FastAPI, tables: Any
) -> None:
    identity = await link(app, ana)
    assert problem(await mine.delete(f"{IDENTITIES}/{identity}", headers={"If-Match": '"2"'}))[0] == 412
    done = await mine.delete(f"{IDENTITIES}/{identity}", headers={"If-Match": '"1"'})
    assert (done.status_code, done.content) == (204, b"")
    assert problem(await mine.delete(f"{IDENTITIES}/{identity}")) == (404, "not_found")
    [fact] = [entry for entry in await entries(tables, identity) if entry.kind == "identity.unlinked"]
    assert (fact.actor_id, fact.changes, fact.subject_key) == (
        ana.id,
        {"unlinked": [None, "unlinked"]},
        ISSUER,
    )


async def test_the_last_way_in_stays(mine: httpx.AsyncClient, ana: Person, app: FastAPI, tables: Any) -> None:
    first, second = await link(app, ana), await link(app, ana, "ana-elsewhere")
    await drop_password(tables, ana)
    assert (await mine.delete(f"{IDENTITIES}/{first}")).status_code == 204
    assert problem(await mine.delete(f"{IDENTITIES}/{second}")) == (409, "last_way_in")
    assert [item["id"] for item in (await mine.get(IDENTITIES)).json()["items"]] == [str(second)]


@pytest.mark.slow
async def test_of_twenty_at_once_that_would_take_all_off_one_is_refused(live: Factory, database_url: str) -> None:
    ana = await live.user("ana")
    connection = await databases.connect(database_url)
    identities = [await link(live.app, ana, f"ana-{number}") for number in range(20)]
    await drop_password(connection, ana)
    async with live.client(ana) as mine:
        answers = await asyncio.gather(*(mine.delete(f"{IDENTITIES}/{identity}") for identity in identities))
    assert sorted(answer.status_code for answer in answers) == [*[204] * 19, 409]
    assert await connection.fetchval("SELECT count(*) FROM identities") == 1
    await connection.close()
