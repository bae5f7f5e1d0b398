"""However a client varies filter, sort and limit, nothing is compiled for it, and what is kept is bounded."""

import random
from itertools import chain, combinations
from typing import Any

import httpx

from taskapi.core.lists.paging import MAX_COUNTED, PageParams
from taskapi.models import Priority, StatusCategory
from taskapi.tasks.filters.schemas import SORTS
from taskapi.tasks.lists import statements
from taskapi.tasks.schemas import Expand
from tests.support.compiling import compiled  # noqa: F401 - a fixture
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"
ALL = "/api/v1/tasks"
SOMEBODY = "00000000-0000-7000-8000-000000000000"
Query = list[tuple[str, Any]]


def any_query(chance: random.Random) -> Query:
    """One of more lists than any cache could hold."""
    choices: list[Query] = [
        [("status", key) for key in chance.sample(["todo", "done", "backlog", "x"], chance.randint(1, 4))],
        [("status_category", str(c)) for c in chance.sample(list(StatusCategory), chance.randint(1, 3))],
        [("priority", str(p)) for p in chance.sample(list(Priority), chance.randint(1, 3))],
        [("open", chance.choice(["true", "false"]))],
        [("assignee", who) for who in chance.sample(["me", "none", SOMEBODY], chance.randint(1, 3))],
        [("creator", who) for who in chance.sample(["me", SOMEBODY], chance.randint(1, 2))],
        [("parent", chance.choice(["none", SOMEBODY, "WEB-1"]))],
        [("due_before", chance.choice(["2026-03-10", "2026-03-10T12:00:00Z"]))],
        [("due_after", chance.choice(["2026-03-10", "2026-03-10T12:00:00Z"]))],
        [("overdue", chance.choice(["true", "false"]))],
        [("date", "2026-03-10")],
        [("updated_since", "2026-03-10T12:00:00Z")],
        [("q", "words")],
        [("include", "total")],
        [("page", "2")],
        [("expand", ",".join(chance.sample(list(Expand), chance.randint(1, 4))))],
    ]
    terms = [chance.choice(["", "-"]) + name for name in chance.sample(SORTS, chance.randint(1, 3))]
    chosen = chain.from_iterable(chance.sample(choices, chance.randint(0, 6)))
    return [*chosen, ("sort", ",".join(terms)), ("limit", chance.randint(1, 200))]


async def warm_up(client: httpx.AsyncClient) -> None:
    """Each body once, and what an empty list asks for."""
    for number in range(len(Expand) + 1):
        for expand in combinations(Expand, number):
            shown = {"expand": ",".join(expand)} if expand else {}
            for path in (TASKS, ALL):
                assert (await client.get(path, params={"status": "none", **shown})).status_code == 200


async def test_three_hundred_lists_of_any_shape_compile_nothing(
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
    compiled: list[str],  # noqa: F811
) -> None:
    for n in range(3):
        await make.task(web, f"{n}")
    await warm_up(owner)
    compiled.clear()
    chance = random.Random(6)
    for _ in range(300):
        answer = await owner.get(chance.choice([TASKS, ALL]), params=any_query(chance))
        assert answer.status_code == 200, answer.text
    assert compiled == []
    for cache in (statements.page, statements.count):
        assert cache.cache_info().currsize <= 128


def test_the_sentinel_of_the_test_above_sees_a_compilation(compiled: list[str]) -> None:  # noqa: F811
    statements._body.__wrapped__(frozenset())
    assert len(compiled) == 1


async def test_a_limit_is_kept_although_more_is_read(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for n in range(5):
        await make.task(web, f"{n}")
    for limit in range(1, 6):
        page = (await owner.get(TASKS, params={"limit": limit})).json()
        assert (len(page["items"]), page["has_more"]) == (limit, limit < 5)
    assert {PageParams(limit=limit).rows for limit in range(1, 201)} == {20, 50, 100, 200}
    assert all(PageParams(limit=limit).rows >= limit for limit in range(1, 201))


async def test_a_long_list_is_counted_no_further_than_is_told(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    await tables.execute(
        """
        INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at,
                           updated_at)
        SELECT gen_random_uuid(), $1, n, n::text, CASE n WHEN 1 THEN 'done' ELSE 'todo' END,
               CASE n WHEN 1 THEN 'done' ELSE 'unstarted' END, lpad(n::text, 10, '0'), $2, now(), now()
        FROM generate_series(1, $3) AS n
        """,
        web.id,
        web.owner.id,
        MAX_COUNTED + 1,
    )
    for query in ("include=total&limit=1", "page=2&limit=1"):
        for path in (TASKS, ALL):
            page = (await owner.get(f"{path}?{query}")).json()
            assert (page["total"], page["total_is_lower_bound"]) == (MAX_COUNTED, True)
            exact = (await owner.get(f"{path}?{query}&open=true")).json()
            assert exact["total"] == MAX_COUNTED
            assert "total_is_lower_bound" not in exact
