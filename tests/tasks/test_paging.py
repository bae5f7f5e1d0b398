"""A list is walked by cursor or by page; a cursor opens the list it came from and no other."""

import base64
import re
from typing import Any

import httpx
import pytest

from tests.support.answers import column, pointers, problem, titles, walk
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"


@pytest.fixture
async def seven(web: MadeProject, make: Factory) -> None:
    for n in range(1, 8):
        await make.task(web, f"{n}", priority="high" if n % 2 else "low")


async def cursor(client: httpx.AsyncClient, **params: Any) -> str:
    found: str = (await client.get(TASKS, params={"limit": 2, **params})).json()["next_cursor"]
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 200])
async def test_pages_of_any_size_make_up_the_whole(limit: int, seven: None, owner: httpx.AsyncClient) -> None:
    assert [item["title"] for item in await walk(owner, TASKS, limit=limit)] == list("1234567")


async def test_the_last_page_says_that_it_is_the_last(seven: None, owner: httpx.AsyncClient) -> None:
    page = await owner.get(TASKS, params={"limit": 7})
    assert (page.json()["has_more"], page.json()["next_cursor"]) == (False, None)
    assert "link" not in page.headers


async def test_without_a_limit_a_page_has_fifty(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for _ in range(51):
        await make.task(web)
    page = (await owner.get(TASKS)).json()
    assert (len(page["items"]), page["has_more"]) == (50, True)


async def test_a_cursor_goes_on_where_the_page_ended_whatever_happened_since(
    seven: None, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    after_two = await cursor(owner, sort="number")
    await owner.delete("/api/v1/tasks/WEB-2?permanent=true")
    await owner.delete("/api/v1/tasks/WEB-3")
    await make.task(web, "8")
    page = await owner.get(TASKS, params={"sort": "number", "cursor": after_two})
    assert titles(page) == list("45678")


async def test_the_limit_may_change_on_the_way(seven: None, owner: httpx.AsyncClient) -> None:
    assert titles(await owner.get(TASKS, params={"limit": 3, "cursor": await cursor(owner)})) == list("345")


async def test_what_is_counted_and_expanded_may_change_on_the_way(seven: None, owner: httpx.AsyncClient) -> None:
    counted = await cursor(owner, include="total", expand="project")
    page = await owner.get(TASKS, params={"limit": 3, "cursor": counted})
    assert titles(page) == list("345")
    assert "total" not in page.json()


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"priority": "low"},
        {"priority": ["high", "low"]},
        {"priority": "high", "sort": "-number"},
        {"priority": "high", "sort": "number", "status": "todo"},
    ],
)
async def test_a_cursor_is_bound_to_its_filter_and_its_sort(
    other: dict[str, Any], seven: None, owner: httpx.AsyncClient
) -> None:
    mine = await cursor(owner, priority="high", sort="number")
    assert (await owner.get(TASKS, params={"priority": "high", "sort": "number", "cursor": mine})).is_success
    assert problem(await owner.get(TASKS, params={**other, "cursor": mine})) == (400, "invalid_cursor")


async def test_a_cursor_is_bound_to_its_list(
    seven: None, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    mine = await cursor(owner)
    for path in ("projects/OTHER/tasks", "tasks", "projects/WEB/trash", "projects/WEB/members", "projects"):
        refused = await owner.get(f"/api/v1/{path}", params={"cursor": mine})
        assert problem(refused) == (400, "invalid_cursor")


async def test_the_order_in_which_parameters_stand_does_not_matter(seven: None, owner: httpx.AsyncClient) -> None:
    mine = await cursor(owner, priority=["high", "low"], sort="number")
    page = await owner.get(f"{TASKS}?sort=number&priority=low&cursor={mine}&priority=high&limit=1")
    assert titles(page) == ["3"]


async def test_a_cursor_that_was_touched_is_refused(seven: None, owner: httpx.AsyncClient) -> None:
    mine = await cursor(owner)
    raw = base64.urlsafe_b64decode(mine + "=" * (-len(mine) % 4))
    touched = [base64.urlsafe_b64encode(raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :]).decode() for i in (0, 15, 16, -2)]
    for text in (*touched, mine[:-4], mine + "AAAA", "", "x", "WEB-1", "💥", "A" * 2000):
        refused = await owner.get(TASKS, params={"cursor": text})
        assert problem(refused) == (400, "invalid_cursor"), text


async def test_a_page_has_a_number_and_always_a_total(seven: None, owner: httpx.AsyncClient) -> None:
    page = await owner.get(TASKS, params={"page": 2, "limit": 3})
    assert titles(page) == list("456")
    assert (page.json()["total"], page.json()["has_more"]) == (7, True)
    last = await owner.get(TASKS, params={"page": 3, "limit": 3})
    assert (titles(last), last.json()["total"], last.json()["has_more"]) == (["7"], 7, False)


async def test_a_page_behind_the_end_is_empty(seven: None, owner: httpx.AsyncClient) -> None:
    page = (await owner.get(TASKS, params={"page": 9, "limit": 3})).json()
    assert (page["items"], page["total"], page["has_more"], page["next_cursor"]) == ([], 7, False, None)


async def test_my_tasks_have_pages_too(seven: None, web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    other = await make.project(web.owner, "OTHER")
    await make.task(other, "0")
    pages = [await owner.get("/api/v1/tasks", params={"page": n, "limit": 3, "sort": "title"}) for n in (1, 2, 3)]
    assert [titles(page) for page in pages] == [list("012"), list("345"), list("67")]
    assert {page.json()["total"] for page in pages} == {8}


async def test_the_total_counts_what_the_filter_lets_through(seven: None, owner: httpx.AsyncClient) -> None:
    page = (await owner.get(TASKS, params={"include": "total", "limit": 1, "priority": "high"})).json()
    assert (page["total"], len(page["items"])) == (4, 1)
    assert "total" not in (await owner.get(TASKS)).json()


async def test_cursor_and_page_are_two_ways(seven: None, owner: httpx.AsyncClient) -> None:
    refused = await owner.get(TASKS, params={"cursor": await cursor(owner), "page": 2})
    assert problem(refused) == (422, "validation_error")


@pytest.mark.parametrize(("page", "limit"), [(51, 200), (10_001, 1), (201, 50)])
async def test_a_page_too_deep_is_refused(page: int, limit: int, web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert len(pointers(await owner.get(TASKS, params={"page": page, "limit": limit}))) == 1
    assert (await owner.get(TASKS, params={"page": 50, "limit": 200})).is_success


async def follow(client: httpx.AsyncClient, path: str) -> list[str]:
    """What a client finds that knows nothing but the Link header."""
    response = await client.get(path)
    link = re.fullmatch(r'<([^>]+)>; rel="next"', response.headers.get("link", ""))
    return titles(response) + (await follow(client, link[1]) if link else [])


@pytest.mark.parametrize(
    "query",
    ["limit=2", "limit=3&page=1", "limit=2&sort=-title&priority=high&priority=low&q=1%20or%202%20or%203%20or%205"],
)
async def test_the_link_leads_to_the_next_page(query: str, seven: None, owner: httpx.AsyncClient) -> None:
    expected = list("5321") if "sort" in query else list("1234567")
    assert await follow(owner, f"{TASKS}?{query}") == expected


async def test_the_link_keeps_what_is_shown(seven: None, owner: httpx.AsyncClient) -> None:
    first = await owner.get(f"{TASKS}?limit=2&include=total&expand=project")
    second = (await owner.get(first.headers["link"][1:].partition(">")[0])).json()
    assert (second["total"], second["items"][0]["project"]["key"]) == (7, "WEB")


async def test_behind_the_deepest_page_the_link_goes_on_by_cursor(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    await tables.execute(
        """
        INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by,
                           created_at, updated_at)
        SELECT gen_random_uuid(), $1, n, 'T', 'todo', 'unstarted', lpad(n::text, 10, '0'), $2, now(), now()
        FROM generate_series(1, 10003) n
        """,
        web.id,
        web.owner.id,
    )
    deepest = await owner.get(TASKS, params={"page": 50, "limit": 200})
    assert column(deepest, "number")[-1] == 10_000
    behind = await owner.get(deepest.headers["link"][1:].partition(">")[0])
    assert column(behind, "number") == [10_001, 10_002, 10_003]


async def test_a_cursor_works_for_whoever_may_see_the_list(
    seven: None, web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    mine = await cursor(owner)
    assert problem(await client.get(TASKS, params={"cursor": mine})) == (401, "unauthorized")
    assert column(await owner.get(TASKS, params={"cursor": mine}), "number") == [3, 4, 5, 6, 7]
