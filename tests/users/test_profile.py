"""Everybody reads and changes their own account, and nothing of it that is not theirs to change."""

from typing import Any

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.change_log import entries
from tests.support.factory import Factory, Person
from tests.support.statements import Counting

ME = "/api/v1/users/me"


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria", full_name="Maria M")


@pytest.fixture
async def mine(maria: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(maria)


async def test_i_am_who_i_am(maria: Person, mine: httpx.AsyncClient) -> None:
    answer = await mine.get(ME)
    me = answer.json()
    assert (me["id"], me["username"], me["email"], me["full_name"]) == (
        str(maria.id),
        "maria",
        "maria@example.com",
        "Maria M",
    )
    assert answer.headers["etag"] == '"1"'
    assert not {"password", "password_hash"} & me.keys()


@pytest.mark.parametrize(
    ("field", "value"),
    [("full_name", "María"), ("full_name", None), ("timezone", "Asia/Tokyo"), ("locale", "pt-BR")],
)
async def test_a_field_that_is_named_changes_and_the_others_stay(
    field: str, value: Any, mine: httpx.AsyncClient
) -> None:
    before = (await mine.get(ME)).json()
    changed = await mine.patch(ME, json={field: value})
    assert changed.json() == before | {field: value, "version": 2}
    assert changed.headers["etag"] == '"2"'
    assert (await mine.get(ME)).json() == changed.json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", None),
        ("timezone", "Mars/Olympus"),
        ("locale", None),
        ("locale", "English"),
        ("full_name", ""),
        ("username", "other"),
        ("email", "nonsense"),
        ("password", "another good password"),
        ("role", "admin"),
        ("is_active", False),
        ("email_verified", True),
    ],
)
async def test_what_cannot_be_is_pointed_at(field: str, value: Any, mine: httpx.AsyncClient) -> None:
    assert pointers(await mine.patch(ME, json={field: value})) == [f"/{field}"]
    assert (await mine.get(ME)).json()["version"] == 1


async def test_a_patch_that_changes_nothing_keeps_the_version(
    maria: Person, mine: httpx.AsyncClient, tables: Any
) -> None:
    for body in ({}, {"full_name": "Maria M", "timezone": "UTC", "locale": "en"}):
        assert (await mine.patch(ME, json=body)).json()["version"] == 1
    assert len(await entries(tables, maria.id)) == 1


async def test_who_read_an_older_version_does_not_overwrite(mine: httpx.AsyncClient) -> None:
    await mine.patch(ME, json={"locale": "de"})
    stale = await mine.patch(ME, json={"locale": "fr"}, headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "precondition_failed")
    assert stale.json()["current"]["locale"] == "de"
    assert (await mine.get(ME, headers={"If-None-Match": '"2"'})).status_code == 304


async def test_the_change_log_tells_what_i_changed(maria: Person, mine: httpx.AsyncClient, tables: Any) -> None:
    await mine.patch(ME, json={"locale": "de", "timezone": "UTC"})
    last = (await entries(tables, maria.id))[-1]
    assert (last.kind, last.actor_id, last.changes) == ("user.updated", maria.id, {"locale": ["en", "de"]})


async def test_without_a_token_there_is_no_me(client: httpx.AsyncClient) -> None:
    assert problem(await client.get(ME)) == (401, "unauthorized")
    assert problem(await client.patch(ME, json={"locale": "xx-nonsense-"})) == (401, "unauthorized")


async def test_i_am_read_in_one_round_trip(mine: httpx.AsyncClient, count_statements: Counting) -> None:
    await mine.get(ME)
    async with count_statements() as seen:
        await mine.get(ME)
    assert len(seen) == 1
