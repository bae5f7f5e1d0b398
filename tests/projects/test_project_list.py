"""The list of projects shows mine: those at work unless asked for others."""

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem, walk
from tests.support.factory import Factory, Person
from tests.support.statements import Counting

PROJECTS = "/api/v1/projects"


@pytest.fixture
async def person(make: Factory) -> Person:
    return await make.user()


@pytest.fixture
async def client(person: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(person)


@pytest.fixture
async def projects(person: Person, client: httpx.AsyncClient, make: Factory) -> None:
    """Mine (MINE, OLD, GONE), those I was added to (LOOK, WORK), and somebody else's."""
    for key, name in (("MINE", "Alpha"), ("OLD", "Beta"), ("GONE", "Gamma")):
        await make.project(person, key, name)
    for key, name, role in (("LOOK", "100% sure", ProjectRole.VIEWER), ("WORK", "alpha two", ProjectRole.EDITOR)):
        await make.member(await make.project(key=key, name=name), role, person)
    await make.project(key="FOREIGN", name="Alpha three")
    await client.patch(f"{PROJECTS}/OLD", json={"archived": True})
    await client.delete(f"{PROJECTS}/GONE")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["LOOK", "MINE", "WORK"]),
        ("archived=true", ["OLD"]),
        ("trashed=true", ["GONE"]),
        ("role=owner", ["MINE"]),
        ("role=viewer&role=editor", ["LOOK", "WORK"]),
        ("role=admin", []),
        ("q=alpha", ["MINE", "WORK"]),
        ("q=ALPHA%20t", ["WORK"]),
        ("q=wor", ["WORK"]),
        ("q=%25", ["LOOK"]),
        ("q=_", []),
        ("q=alpha&role=owner", ["MINE"]),
        ("q=beta&archived=true&role=owner", ["OLD"]),
    ],
)
async def test_it_shows_what_was_asked_for(
    query: str, expected: list[str], projects: None, client: httpx.AsyncClient
) -> None:
    found = await client.get(f"{PROJECTS}?{query}&include=total")
    assert sorted(column(found, "key")) == expected
    assert found.json()["total"] == len(expected)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("key", ["LOOK", "MINE", "WORK"]),
        ("-key", ["WORK", "MINE", "LOOK"]),
        ("name", ["LOOK", "MINE", "WORK"]),
        ("-name,key", ["WORK", "MINE", "LOOK"]),
        ("created_at", ["MINE", "LOOK", "WORK"]),
        ("-updated_at", ["WORK", "LOOK", "MINE"]),
    ],
)
async def test_it_is_sorted_and_walked_in_that_order(
    sort: str, expected: list[str], projects: None, client: httpx.AsyncClient
) -> None:
    assert [item["key"] for item in await walk(client, PROJECTS, sort=sort, limit=1)] == expected


async def test_each_project_says_my_role(projects: None, client: httpx.AsyncClient) -> None:
    items = (await client.get(f"{PROJECTS}?sort=key")).json()["items"]
    assert {item["key"]: item["role"] for item in items} == {"LOOK": "viewer", "MINE": "owner", "WORK": "editor"}


async def test_it_has_pages(projects: None, client: httpx.AsyncClient) -> None:
    page = (await client.get(f"{PROJECTS}?sort=key&limit=2&page=2")).json()
    assert ([item["key"] for item in page["items"]], page["total"]) == (["WORK"], 3)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("archived=perhaps", "/query/archived"),
        ("role=boss", "/query/role/0"),
        ("sort=color", "/query/sort"),
        ("q=", "/query/q"),
        ("status=done", "/query/status"),
    ],
)
async def test_what_it_does_not_understand_is_pointed_at(query: str, pointer: str, client: httpx.AsyncClient) -> None:
    assert pointers(await client.get(f"{PROJECTS}?{query}")) == [pointer]


async def test_a_cursor_is_bound_to_its_filter(projects: None, client: httpx.AsyncClient) -> None:
    cursor = (await client.get(f"{PROJECTS}?limit=1")).json()["next_cursor"]
    refused = await client.get(f"{PROJECTS}?limit=1&role=owner&cursor={cursor}")
    assert problem(refused) == (400, "invalid_cursor")


async def test_it_is_one_round_trip(projects: None, client: httpx.AsyncClient, count_statements: Counting) -> None:
    for query, trips in (("", 1), ("q=none", 1), ("include=total", 2)):
        async with count_statements() as seen:
            await client.get(f"{PROJECTS}?{query}")
        assert len(seen) == trips


async def test_nobody_lists_projects_without_signing_in(make: Factory) -> None:
    async with make.client() as nobody:
        assert problem(await nobody.get(PROJECTS)) == (401, "unauthorized")
