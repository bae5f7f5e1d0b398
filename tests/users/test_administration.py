"""Administrators list accounts, change roles and disable; there is always one of them left."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem, walk
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.statements import Counting

USERS = "/api/v1/users"


@pytest.fixture
async def boss(make: Factory) -> Person:
    return await make.user("boss", admin=True)


@pytest.fixture
async def admin(boss: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(boss)


@pytest.fixture
async def people(boss: Person, make: Factory, tables: Any) -> None:
    await make.user("Carla", full_name="Carla 100%")
    await make.user("anton", full_name="Anton Carlsson")
    await make.user("bert", admin=True)
    await tables.execute("UPDATE users SET is_active = false WHERE username = 'bert'")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Carla", "anton", "bert", "boss"]),
        ("q=carl", ["Carla", "anton"]),
        ("q=ANTON@EXAMPLE", ["anton"]),
        ("q=%25", ["Carla"]),
        ("q=_", []),
        ("role=admin", ["bert", "boss"]),
        ("is_active=true", ["Carla", "anton", "boss"]),
        ("is_active=false&role=admin", ["bert"]),
        ("q=carl&is_active=false", []),
    ],
)
async def test_the_list_shows_what_was_asked_for(
    query: str, expected: list[str], people: None, admin: httpx.AsyncClient
) -> None:
    found = await admin.get(f"{USERS}?{query}&include=total")
    assert sorted(column(found, "username")) == expected
    assert found.json()["total"] == len(expected)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("username", ["anton", "bert", "boss", "Carla"]),
        ("-username", ["Carla", "boss", "bert", "anton"]),
        ("email", ["anton", "bert", "boss", "Carla"]),
        ("created_at", ["boss", "Carla", "anton", "bert"]),
        ("-created_at,username", ["bert", "anton", "Carla", "boss"]),
    ],
)
async def test_the_list_is_sorted_and_walked_in_that_order(
    sort: str, expected: list[str], people: None, admin: httpx.AsyncClient
) -> None:
    assert [item["username"] for item in await walk(admin, USERS, sort=sort, limit=1)] == expected
    pages = [column(await admin.get(f"{USERS}?sort={sort}&limit=3&page={n}"), "username") for n in (1, 2)]
    assert pages == [expected[:3], expected[3:]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("role=boss", "role"), ("is_active=perhaps", "is_active"), ("sort=password_hash", "sort"), ("name=x", "name")],
)
async def test_what_the_list_does_not_understand_is_pointed_at(
    query: str, pointer: str, admin: httpx.AsyncClient
) -> None:
    assert pointers(await admin.get(f"{USERS}?{query}")) == [f"/query/{pointer}"]


async def test_the_list_is_one_round_trip(people: None, admin: httpx.AsyncClient, count_statements: Counting) -> None:
    await admin.get(USERS)
    for query, trips in (("", 1), ("?include=total", 2), ("?q=nobody", 1)):
        async with count_statements() as seen:
            await admin.get(f"{USERS}{query}")
        assert len(seen) == trips


async def test_only_administrators_list_and_change(
    boss: Person, make: Factory, client_for: ClientFor, client: httpx.AsyncClient
) -> None:
    plain = client_for(await make.user())
    refused = await plain.get(USERS)
    assert problem(refused) == (403, "forbidden")
    assert "user:manage" in refused.json()["detail"]
    # In the order that every route has: who is there, the shape of the request, what they may.
    assert problem(await client.get(f"{USERS}?nonsense=1")) == (401, "unauthorized")
    assert problem(await plain.get(f"{USERS}?nonsense=1")) == (422, "validation_error")
    for user_id in (boss.id, uuid4()):
        refused = await plain.patch(f"{USERS}/{user_id}", json={"role": "user"})
        assert problem(refused) == (403, "forbidden")


async def test_a_role_is_given_and_taken(
    admin: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any, boss: Person
) -> None:
    maria = await make.user("maria")
    theirs = client_for(maria)
    assert problem(await theirs.get(USERS)) == (403, "forbidden")
    raised = await admin.patch(f"{USERS}/{maria.id}", json={"role": "admin"})
    assert (raised.json()["role"], raised.headers["etag"][:3]) == ("admin", '"2-')
    assert (await theirs.get(USERS)).is_success
    await admin.patch(f"{USERS}/{maria.id}", json={"role": "user"})
    assert problem(await theirs.get(USERS)) == (403, "forbidden")
    told = [entry for entry in await entries(tables, maria.id) if entry.kind == "user.updated"]
    changes = [(entry.actor_id, entry.changes) for entry in told]
    assert changes == [(boss.id, {"role": ["user", "admin"]}), (boss.id, {"role": ["admin", "user"]})]


async def test_disabling_ends_every_session_and_enabling_starts_none(
    admin: httpx.AsyncClient, make: Factory, client_for: ClientFor, client: httpx.AsyncClient, tables: Any
) -> None:
    maria = await make.user("maria")
    disabled = await admin.patch(f"{USERS}/{maria.id}", json={"is_active": False})
    assert disabled.json()["is_active"] is False
    assert problem(await client_for(maria).get(f"{USERS}/me")) == (401, "invalid_token")
    assert (await kinds(tables))[-2:] == ["user.updated", "session.ended"]
    login = {"username": "maria", "password": PASSWORD}
    assert problem(await client.post("/api/v1/auth/login", json=login)) == (401, "invalid_credentials")
    await admin.patch(f"{USERS}/{maria.id}", json={"is_active": True})
    assert problem(await client_for(maria).get(f"{USERS}/me")) == (401, "invalid_token")
    assert (await client.post("/api/v1/auth/login", json=login)).is_success


@pytest.mark.parametrize("body", [{"role": "user"}, {"is_active": False}, {"role": "user", "is_active": False}])
async def test_the_last_administrator_stays(
    body: dict[str, Any], boss: Person, admin: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.user(admin=True)
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", other.id)
    assert problem(await admin.patch(f"{USERS}/{boss.id}", json=body)) == (409, "last_administrator")
    await admin.patch(f"{USERS}/{other.id}", json={"is_active": True})
    assert (await admin.patch(f"{USERS}/{boss.id}", json=body)).is_success


async def test_a_stale_version_is_told_before_that_nobody_would_be_left(boss: Person, admin: httpx.AsyncClient) -> None:
    stale = await admin.patch(f"{USERS}/{boss.id}", json={"role": "user"}, headers={"If-Match": '"9"'})
    assert problem(stale) == (412, "precondition_failed")


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", None), ("role", "boss"), ("is_active", None), ("is_active", "perhaps"), ("email", "x@example.com")],
)
async def test_a_field_that_is_not_valid_is_pointed_at(
    field: str, value: Any, boss: Person, admin: httpx.AsyncClient
) -> None:
    for user_id in (boss.id, uuid4()):
        assert pointers(await admin.patch(f"{USERS}/{user_id}", json={field: value})) == [f"/{field}"]


async def test_a_missing_account_is_a_404(admin: httpx.AsyncClient) -> None:
    for body in ({"role": "admin"}, {"is_active": False}, {}):
        assert problem(await admin.patch(f"{USERS}/{uuid4()}", json=body)) == (404, "not_found")


async def test_a_patch_that_changes_nothing_keeps_the_version(boss: Person, admin: httpx.AsyncClient) -> None:
    for body in ({}, {"role": "admin", "is_active": True}):
        assert (await admin.patch(f"{USERS}/{boss.id}", json=body)).json()["version"] == 1
