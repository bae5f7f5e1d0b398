"""Tasks are found and sorted by custom fields, in one project and, where it has one meaning, over several."""

from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem, titles, walk
from tests.support.custom_fields import LEVELS, add, add_one_of_each
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

TASKS = "/api/v1/projects/WEB/tasks"
_LONG = "x" * 150


@pytest.fixture
async def furnished(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> MadeProject:
    """Three tasks with values, of which the second has the most, and one without."""
    await add_one_of_each(owner)
    me = str(web.owner.id)
    for title, fields in {
        "a": {"a_text": "Sprint 10", "a_number": 2.5, "a_date": "2026-01-01", "a_select": "very_high", "a_user": me},
        "b": {"a_text": "sprint 9", "a_number": 100, "a_date": "2026-12-24", "a_select": "low", "a_checkbox": True}
        | {"a_multi_select": ["low", "high"], "a_url": "https://example.com/"},
        "c": {"a_text": _LONG, "a_number": -1e-7, "a_select": "high", "a_checkbox": False, "a_multi_select": ["high"]},
        "d": {},
    }.items():
        await make.task(web, title, fields=fields)
    return web


@pytest.mark.usefixtures("furnished")
async def test_tasks_are_found_by_their_values(owner: httpx.AsyncClient) -> None:
    for query, expected in (
        ("field.a_text=sprint+9", "b"),
        (f"field.a_text={_LONG}", "c"),
        (f"field.a_text={_LONG[:-1]}y", ""),
        ("field.a_number=100", "b"),
        ("field.a_number=100.0&field.a_number=2.50", "ab"),
        ("field.a_number=-0.0000001", "c"),
        ("field.a_number=none", "d"),
        ("field.a_number=none&field.a_number=100", "bd"),
        ("field.a_date=2026-12-24", "b"),
        ("field.a_select=low&field.a_select=high", "bc"),
        ("field.a_select=none", "d"),
        ("field.a_multi_select=high", "bc"),
        ("field.a_multi_select=low&field.a_multi_select=none", "abd"),
        ("field.a_user=me", "a"),
        ("field.a_user=01a0f0f0-0000-7000-8000-000000000000", ""),
        ("field.a_url=https%3A%2F%2Fexample.com%2F", "b"),
        ("field.a_checkbox=true", "b"),
        ("field.a_checkbox=false", "acd"),
        ("field.a_checkbox=none", "ad"),
        ("field.a_select=high&field.a_number=100", ""),
        ("field.a_multi_select=high&status=todo&include=total", "bc"),
    ):
        for path in (TASKS, "/api/v1/tasks"):
            found = await owner.get(f"{path}?{query}")
            assert "".join(sorted(titles(found))) == expected, query


@pytest.mark.usefixtures("furnished")
async def test_they_are_sorted_by_them_and_those_without_stand_last(owner: httpx.AsyncClient) -> None:
    """Each order is walked one task at a time, so that each page goes on where the last one ended."""
    for sort, expected in (
        ("field.a_number", "cabd"),
        ("-field.a_number", "bacd"),
        ("field.a_text", "bacd"),
        ("-field.a_text", "cabd"),
        ("field.a_date,title", "abcd"),
        ("-field.a_date,title", "bacd"),
        ("field.a_select", "bcad"),
        ("-field.a_select", "acbd"),
        ("field.a_multi_select,-title", "bcda"),
        ("-field.a_multi_select,title", "cbad"),
        ("field.a_user,title", "abcd"),
        ("-field.a_checkbox,title", "bacd"),
        ("field.a_checkbox,-title", "dcab"),
        ("title,field.a_number", "abcd"),
    ):
        assert "".join(task["title"] for task in await walk(owner, TASKS, sort=sort, limit=1)) == expected, sort
        assert "".join(titles(await owner.get(TASKS, params={"sort": sort, "page": 1, "limit": 10}))) == expected, sort


@pytest.mark.usefixtures("furnished")
async def test_what_makes_no_sense_is_told(owner: httpx.AsyncClient) -> None:
    for query, pointer, code in (
        ("field.nope=1", "/query/field.nope", "unknown_field"),
        ("sort=field.nope", "/query/sort", "unknown_field"),
        ("field.a_number=much", "/query/field.a_number", "invalid_value"),
        ("field.a_number=1e3", "/query/field.a_number", "invalid_value"),
        ("field.a_date=today", "/query/field.a_date", "invalid_value"),
        ("field.a_select=High", "/query/field.a_select", "invalid_value"),
        ("field.a_user=ana", "/query/field.a_user", "invalid_value"),
        ("field.a_checkbox=1", "/query/field.a_checkbox", "invalid_value"),
        ("field.Bad=1", "/query/field.Bad", "extra_forbidden"),
        ("field.=1", "/query/field.", "extra_forbidden"),
        ("fields=1&field.a_text=1", "/query/fields", "extra_forbidden"),
        ("sort=field.a_number,field.a_number", "/query/sort", "value_error"),
        (f"field.a_text={'x' * 201}", "/query/field.a_text/0", "string_too_long"),
        ("&".join(f"field.f{n}=1" for n in range(11)), "/query/fields", "too_long"),
    ):
        assert faults(await owner.get(f"{TASKS}?{query}")) == [(pointer, code)], query
    assert faults(await owner.get("/api/v1/tasks?sort=field.a_number")) == [("/query/sort", "needs_a_project")]


async def test_over_several_projects_a_key_needs_one_meaning(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, furnished: MadeProject
) -> None:
    ops = await make.project(web.owner, "OPS")
    await add(owner, "a_number", "number", "/api/v1/projects/OPS/fields")
    await add(owner, "a_select", "select", "/api/v1/projects/OPS/fields", options=[{"name": "Worst"}, LEVELS[0]])
    await make.task(ops, "e", fields={"a_number": 100, "a_select": "worst"})
    assert sorted(titles(await owner.get("/api/v1/tasks?field.a_number=100"))) == ["b", "e"]
    assert titles(await owner.get("/api/v1/tasks?field.a_select=worst")) == ["e"]
    await add(owner, "a_date", "text", "/api/v1/projects/OPS/fields")
    refused = await owner.get("/api/v1/tasks?field.a_date=2026-01-01")
    assert faults(refused) == [("/query/field.a_date", "ambiguous_field")]
    # What others define is nothing to whoever is not there.
    other = await make.project(key="ELSE")
    assert other.owner.id != furnished.owner.id


async def test_nobody_learns_of_fields_where_they_are_not(
    owner: httpx.AsyncClient, furnished: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    outsider = client_for(await make.user())
    for query in ("field.a_text=x", "field.nope=x", "sort=field.a_text"):
        assert problem(await outsider.get(f"{TASKS}?{query}")) == (404, "not_found")
    assert faults(await outsider.get("/api/v1/tasks?field.a_text=x")) == [("/query/field.a_text", "unknown_field")]
    root = client_for(await make.user(admin=True))
    assert titles(await root.get(f"{TASKS}?field.a_number=100")) == ["b"]
    assert faults(await root.get(f"{TASKS}?field.nope=1")) == [("/query/field.nope", "unknown_field")]
    viewer = client_for(await make.member(furnished, ProjectRole.VIEWER))
    assert titles(await viewer.get(f"{TASKS}?field.a_number=100")) == ["b"]


async def test_a_share_link_finds_by_them_too(
    owner: httpx.AsyncClient, furnished: MadeProject, client: httpx.AsyncClient, tables: Any
) -> None:
    made = (await owner.post("/api/v1/projects/WEB/share-links", json={})).json()
    shared = f"/api/v1/shared/{made['token']}/tasks"
    assert titles(await client.get(f"{shared}?field.a_number=100&sort=field.a_text")) == ["b"]
    assert faults(await client.get(f"{shared}?field.a_user=me")) == [("/query/field.a_user", "invalid_value")]
    assert problem(await client.get("/api/v1/shared/none/tasks?field.nope=1")) == (404, "not_found")


@pytest.mark.usefixtures("furnished")
async def test_definitions_cost_one_round_trip_and_only_who_asks(
    owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    for query, most in (("", 1), ("?status=todo", 1), ("?field.a_number=100", 2), ("?sort=field.a_text", 2)):
        async with count_statements() as seen:
            assert (await owner.get(f"{TASKS}{query}")).status_code == 200
        assert len(seen) == most, query
