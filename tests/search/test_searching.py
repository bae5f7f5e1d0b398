"""GET /search: the best first, with what was found in them, and nothing that is not for the caller."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from taskapi.core.access.permissions import Scope
from taskapi.models import ProjectRole
from taskapi.search import queries
from tests.conftest import ClientFor
from tests.support.answers import problem, walk
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

SEARCH = "/api/v1/search"


async def found(client: httpx.AsyncClient, q: str, **params: Any) -> list[str]:
    answer = await client.get(SEARCH, params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    return [named(item) for item in answer.json()["items"]]


def named(item: dict[str, Any]) -> str:
    thing: dict[str, str] = item[item["type"]]
    return thing[{"task": "title", "project": "name", "comment": "body"}[item["type"]]]


async def test_the_best_come_first_and_say_what_was_found(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for title, description in (
        ("Buy a stove", "It heats the <boiler> & more than the boiler did"),
        ("Repair the boiler", None),
        ("Paint the boilerplate", None),
        ("Nothing of it", "at all"),
    ):
        await make.task(web, title, description=description)
    answer = (await owner.get(SEARCH, params={"q": "boiler", "include": "total"})).json()
    assert [named(item) for item in answer["items"]] == ["Repair the boiler", "Buy a stove", "Paint the boilerplate"]
    assert answer["total"] == 3
    scores = [item["score"] for item in answer["items"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert [item["highlights"] for item in answer["items"]] == [
        [{"field": "title", "fragments": ["Repair the <mark>boiler</mark>"]}],
        [
            {
                "field": "description",
                "fragments": [
                    "It heats the &lt;<mark>boiler</mark>&gt; &amp; more than the <mark>boiler</mark> did",
                ],
            }
        ],
        [{"field": "title", "fragments": ["Paint the <mark>boilerplate</mark>"]}],
    ]
    [task] = [item["task"] for item in answer["items"] if named(item) == "Repair the boiler"]
    assert task == (await owner.get(f"/api/v1/tasks/{task['key']}")).json()


async def test_of_equals_the_newest_comes_first(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for number in range(1, 6):
        await make.task(web, f"Repair boiler {number}")
    newest_first = [f"Repair boiler {number}" for number in (5, 4, 3, 2, 1)]
    assert await found(owner, "boiler") == newest_first
    walked = [named(item) for item in await walk(owner, SEARCH, q="boiler", limit=2)]
    paged = [await found(owner, "boiler", limit=2, page=page) for page in (1, 2, 3)]
    assert walked == [title for page in paged for title in page] == newest_first


@pytest.mark.parametrize("q", ["WEB-2", "web-2", " Web-2"])
async def test_a_key_finds_its_task_first(q: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for title in ("first", "second", "WEB-2 WEB-2 WEB-2", "after WEB-2"):
        await make.task(web, title)
    answer = (await owner.get(SEARCH, params={"q": q})).json()["items"]
    assert [named(item) for item in answer] == ["second", "WEB-2 WEB-2 WEB-2", "after WEB-2"]
    assert [item["score"] == 1 for item in answer] == [True, False, False]


async def test_a_project_is_found_by_key_name_and_description(owner: httpx.AsyncClient, web: MadeProject) -> None:
    other = {"key": "SHOP", "name": "Café Größe", "description": "Where we sell stoves; after WEB"}
    assert (await owner.post("/api/v1/projects", json=other)).status_code == 201
    for q in ("shop", "grosse", "stove", "cafe"):
        assert await found(owner, q) == ["Café Größe"], q
    assert await found(owner, "web", type="project") == ["Website", "Café Größe"]
    [project] = [item["project"] for item in (await owner.get(SEARCH, params={"q": "shop"})).json()["items"]]
    assert project == (await owner.get("/api/v1/projects/SHOP")).json()
    await owner.patch("/api/v1/projects/SHOP", json={"name": "Kitchen", "description": None})
    assert await found(owner, "stove") == []
    assert await found(owner, "kitchen") == ["Kitchen"]


async def test_only_what_is_asked_for_is_found(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    other = await make.project(web.owner, "OTHER", name="Website of others")
    for project in (web, other):
        await make.task(project, f"website of {project.key}")
    everything = await found(owner, "website")
    assert set(everything) == {"website of WEB", "website of OTHER", "Website", "Website of others"}
    assert await found(owner, "website", type="task,project") == everything
    assert set(await found(owner, "website", type="task")) == {"website of WEB", "website of OTHER"}
    assert set(await found(owner, "website", project="OTHER")) == {"website of OTHER", "Website of others"}
    assert await found(owner, "website", project=str(other.id), type="task") == ["website of OTHER"]
    assert await found(owner, "WEB-1", project="OTHER", type="task") == []


async def test_what_is_not_the_callers_is_not_found(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web, "secret boiler")
    outsider = client_for(await make.user())
    for q in ("boiler", "WEB-1", "WEB"):
        assert await found(outsider, q) == []
    refused = await outsider.get(SEARCH, params={"q": "boiler", "project": "WEB"})
    missing = await outsider.get(SEARCH, params={"q": "boiler", "project": "NONE"})
    assert problem(refused) == problem(missing) == (404, "not_found")
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    assert await found(viewer, "boiler") == ["secret boiler"]


async def test_an_administrator_finds_in_the_project_of_others_that_is_named(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web, "boiler")
    admin = client_for(await make.user(admin=True))
    assert await found(admin, "boiler") == []
    assert await found(admin, "boiler", project="WEB") == ["boiler"]
    assert await found(admin, "WEB", project="WEB") == ["Website"]


async def test_what_is_archived_or_in_the_trash_is_left_out(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER", name="The boiler room")
    await make.task(other, "boiler of others")
    await make.task(web, "boiler")
    await make.task(web, "boiler in the trash")
    await owner.delete("/api/v1/tasks/WEB-2")
    await owner.patch("/api/v1/projects/OTHER", json={"archived": True})
    assert await found(owner, "boiler") == ["boiler"]
    assert await found(owner, "WEB-2") == []
    assert await found(owner, "OTHER-1") == []
    assert set(await found(owner, "boiler", project="OTHER")) == {"boiler of others", "The boiler room"}
    await owner.delete("/api/v1/projects/OTHER")
    assert problem(await owner.get(SEARCH, params={"q": "boiler", "project": "OTHER"})) == (404, "not_found")


async def test_an_api_token_finds_what_it_may_read(web: MadeProject, make: Factory) -> None:
    other = await make.project(web.owner, "OTHER", name="Website of others")
    for project in (web, other):
        await make.task(project, f"website of {project.key}")
    narrow = carrying(
        make.client(),
        await api_token(make, web.owner, Scope.TASKS_READ, Scope.PROJECTS_READ, project_ids=[web.id]),
    )
    assert set(await found(narrow, "website")) == {"website of WEB", "Website"}
    for_tasks = carrying(make.client(), await api_token(make, web.owner, Scope.TASKS_READ))
    assert set(await found(for_tasks, "website")) == {"website of WEB", "website of OTHER"}
    asked = await for_tasks.get(SEARCH, params={"q": "website", "type": "project"})
    assert problem(asked) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "validation_error"),
        ({"q": ""}, "validation_error"),
        ({"q": "x" * 201}, "validation_error"),
        ({"q": "x", "type": "comments"}, "validation_error"),
        ({"q": "x", "unknown": "1"}, "validation_error"),
        ({"q": " ".join("x" * 51)}, "too_many_words"),
        ({"q": "-".join("x" * 51)}, "too_many_words"),
    ],
)
async def test_what_cannot_be_searched_for_is_refused(
    params: dict[str, str], code: str, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    assert problem(await owner.get(SEARCH, params=params)) == (422, code)


async def test_a_query_without_words_finds_nothing(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, "...")
    for q in ("...", "-", '""', "🚀", "or"):
        assert await found(owner, q) == []
    assert await found(owner, " ".join("x" * 50)) == []


async def test_a_cursor_is_of_its_query(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for _ in range(3):
        await make.task(web, "boiler stove")
    cursor = (await owner.get(SEARCH, params={"q": "boiler", "limit": 1})).json()["next_cursor"]
    answer = await owner.get(SEARCH, params={"q": "stove", "limit": 1, "cursor": cursor})
    assert problem(answer) == (400, "invalid_cursor")


async def test_each_type_is_one_statement(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, count_statements: Counting
) -> None:
    await make.task(web, "website")
    assert await found(owner, "website", type="task") == ["website"]  # looks the caller up
    for types, statements in (("task", 1), ("task,project", 2)):
        async with count_statements() as seen:
            await found(owner, "website", type=types)
        assert len(seen) == statements, seen


async def test_of_many_that_match_the_newest_are_ranked(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    """An old task may fit best: with more than 500 newer matches it is not looked at."""
    await make.task(web, "boiler")
    await make.task(web, "a newer boiler")
    copied = "id, project_id, number, title, status, status_category, rank, created_by, created_at, updated_at"
    await tables.execute(
        f"INSERT INTO tasks ({copied}) SELECT (repeat('f', 24) || lpad(to_hex(n), 8, '0'))::uuid, project_id,"
        " 100 + n, 'one more boiler',"
        " status, status_category, rank || n, created_by, created_at, updated_at"
        " FROM tasks, generate_series(1, 500) AS n WHERE number = 1"
    )
    answer = (await owner.get(SEARCH, params={"q": "boiler", "type": "task", "include": "total"})).json()
    assert (answer["total"], {named(item) for item in answer["items"]}) == (500, {"one more boiler"})
    assert await found(owner, "WEB-1", type="task") == ["boiler"]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if five tasks were a million."""
    for name, size in (("_FEW", 1), ("_LOOKED_AT", 4), ("_ENOUGH", 2)):
        monkeypatch.setattr(queries, name, size)
    queries.page.cache_clear()
    yield
    queries.page.cache_clear()


@pytest.mark.usefixtures("many")
async def test_among_many_a_common_word_finds_the_newest_and_a_rare_one_all(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    theirs = await make.project(key="THEIRS")
    for title in ("old common rare", "common", "common word", "another word", "the last"):
        await make.task(web, title)
    for title in ("common", "word"):
        await make.task(theirs, title)
    await owner.delete("/api/v1/tasks/WEB-5")
    assert set(await found(owner, "rare")) == {"old common rare"}
    assert set(await found(owner, "common")) == {"old common rare", "common", "common word"}  # one of the newest four
    assert set(await found(owner, "word")) == {"common word", "another word"}  # of the newest four one is theirs
    assert await found(owner, "last") == []
    assert await found(owner, "WEB-1") == ["old common rare"]
    for _ in range(2):
        await make.task(web, "newest common")
    assert await found(owner, "common") == ["newest common"] * 2
    assert await found(client_for(await make.user()), "common word") == []
