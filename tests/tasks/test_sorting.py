"""Lists are sorted by what was asked, nulls last both ways, and walked by cursor without a loss or a repeat."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.answers import column, titles, walk
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"
PRIORITIES = ("none", "low", "medium", "high", "urgent")
SORTS = ("rank", "number", "title", "priority", "due", "created_at", "updated_at")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
Item = dict[str, Any]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("title", ["a", "b", "c", "d"]),
        ("-title", ["d", "c", "b", "a"]),
        ("number", ["b", "a", "d", "c"]),
        ("-number", ["c", "d", "a", "b"]),
        ("rank", ["b", "a", "d", "c"]),
        ("-rank", ["c", "d", "a", "b"]),
        ("created_at", ["b", "a", "d", "c"]),
        ("-created_at", ["c", "d", "a", "b"]),
        ("updated_at", ["a", "d", "c", "b"]),
        ("-updated_at", ["b", "c", "d", "a"]),
        ("priority", ["c", "a", "d", "b"]),
        ("-priority", ["b", "d", "a", "c"]),
        ("due", ["d", "a", "b", "c"]),
        ("-due", ["a", "d", "c", "b"]),
        ("-due,title", ["a", "d", "b", "c"]),
    ],
)
async def test_each_sort_goes_both_ways_and_nulls_come_last(
    sort: str, expected: list[str], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, "b", priority="urgent")
    await make.task(web, "a", priority="low", due_on="2026-03-02")
    await make.task(web, "d", priority="high", due_at="2026-03-01T23:00:00Z")
    await make.task(web, "c")
    await owner.patch("/api/v1/tasks/WEB-1", json={"description": "changed last"})
    assert titles(await owner.get(TASKS, params={"sort": sort})) == expected
    assert titles(await owner.get("/api/v1/tasks", params={"sort": sort})) == expected


async def test_a_project_comes_in_its_order_and_my_tasks_newest_first(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for _ in range(3):
        await make.task(web)
    await owner.post("/api/v1/tasks/WEB-3/move", json={"before": "WEB-1"})
    assert column(await owner.get(TASKS), "number") == [3, 1, 2]
    assert column(await owner.get("/api/v1/tasks"), "number") == [3, 2, 1]


@dataclass(frozen=True)
class Seed:
    """What two tasks may have in common, from few values, so that they often do."""

    title: str
    priority: str
    due: int | None
    is_day: bool
    created: int
    updated: int


SEEDS = st.builds(
    Seed,
    title=st.sampled_from(["a", "B", "ä", "a b", "a 9", "A 10", "", "😀", "'", "zz"]).map(lambda text: text or "-"),
    priority=st.sampled_from(PRIORITIES),
    due=st.none() | st.integers(0, 3),
    is_day=st.booleans(),
    created=st.integers(0, 3),
    updated=st.integers(0, 3),
)
TERMS = st.lists(st.tuples(st.sampled_from(SORTS), st.booleans()), min_size=1, max_size=3, unique_by=lambda t: t[0])


async def insert(tables: Any, project: MadeProject, seeds: list[Seed]) -> None:
    """Straight into the table: a property needs many tasks, and times that the API would not give."""
    await tables.executemany(
        """
        INSERT INTO tasks (id, project_id, number, title, status, status_category, priority, due_on, due_at, rank,
                           created_by, created_at, updated_at)
        VALUES (gen_random_uuid(), $1, $2, $3, 'todo', 'unstarted', $4, $5, $6, $7, $8, $9, $10)
        """,
        [
            (
                project.id,
                number,
                seed.title,
                seed.priority,
                moment(seed.due).date() if seed.due is not None and seed.is_day else None,
                moment(seed.due) if seed.due is not None and not seed.is_day else None,
                f"{number:010}",
                project.owner.id,
                moment(seed.created),
                moment(seed.updated),
            )
            for number, seed in enumerate(seeds, 1)
        ],
    )


def moment(days: int) -> datetime:
    return EPOCH + timedelta(days=days)


def due(item: Item, *, descending: bool) -> datetime:
    text = item["due_at"] or item["due_on"]
    if text is None:
        return datetime.min.replace(tzinfo=UTC) if descending else datetime.max.replace(tzinfo=UTC)
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def key_of(name: str, *, descending: bool) -> Callable[[Item], Any]:
    if name == "due":
        return lambda item: due(item, descending=descending)
    if name == "title":
        return lambda item: as_read(item["title"])
    if name == "priority":
        return lambda item: PRIORITIES.index(item["priority"])
    return lambda item: item[name]


def as_read(text: str) -> str:
    """The rule of the contract, written a second time."""
    letters = [letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)]
    return re.sub("[0-9]+", lambda number: number[0].zfill(15), "".join(letters).casefold())


def in_order(items: list[Item], terms: list[tuple[str, bool]]) -> list[str]:
    """The ids, sorted here by the rules of the contract: the last of the sort decides which way ids go."""
    ordered = sorted(items, key=lambda item: item["id"], reverse=terms[-1][1])
    for name, descending in reversed(terms):
        ordered = sorted(ordered, key=key_of(name, descending=descending), reverse=descending)
    return [item["id"] for item in ordered]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeds=st.lists(SEEDS, min_size=1, max_size=60), terms=TERMS, limit=st.integers(1, 25))
async def test_any_sort_walked_by_cursor_is_the_whole_order(
    seeds: list[Seed],
    terms: list[tuple[str, bool]],
    limit: int,
    web: MadeProject,
    owner: httpx.AsyncClient,
    tables: Any,
) -> None:
    await tables.execute("DELETE FROM tasks")
    await insert(tables, web, seeds)
    sort = ",".join(("-" if descending else "") + name for name, descending in terms)
    for path in (TASKS, "/api/v1/tasks"):
        walked = await walk(owner, path, sort=sort, limit=limit)
        assert [item["id"] for item in walked] == in_order(walked, terms)
        assert sorted(item["number"] for item in walked) == list(range(1, len(seeds) + 1))


async def test_my_tasks_of_many_projects_come_in_one_order(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER")
    for n in range(7):
        await make.task(web if n % 3 else other, f"{n}")
    walked = await walk(owner, "/api/v1/tasks", sort="title", limit=2)
    assert [item["title"] for item in walked] == list("0123456")
