"""What is said of tasks is found, as it is now, by those who may read it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from taskapi.core.access.permissions import Scope
from taskapi.models import ProjectRole
from taskapi.search import queries
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.beside_tasks import require_true
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

SEARCH = "/api/v1/search"


async def say(client: httpx.AsyncClient, task: str, body: str) -> str:
    answer = await client.post(f"/api/v1/tasks/{task}/comments", json={"body": body})
    assert answer.status_code == 201, answer.text
    return f"/api/v1/tasks/{task}/comments/{answer.json()['id']}"


async def found(client: httpx.AsyncClient, q: str, **params: Any) -> list[str]:
    answer = await client.get(SEARCH, params={"q": q, "type": "comment", **params})
    assert answer.status_code == 200, answer.text
    return [item["comment"]["body"] for item in answer.json()["items"]]


async def test_a_comment_is_found_with_its_task(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, "Repair the boiler")
    path = await say(owner, "WEB-1", "The <stove> & the stove leak, says `view1.push(x)`")
    await owner.put(f"{path}/reactions/%F0%9F%91%8D")
    [item] = (await owner.get(SEARCH, params={"q": "stove"})).json()["items"]
    assert 0 < item.pop("score") < 1
    assert item == {
        "type": "comment",
        "highlights": [
            {
                "field": "body",
                "fragments": [
                    "The &lt;<mark>stove</mark>&gt; &amp; the <mark>stove</mark> leak, says `view1.push(x)`",
                ],
            }
        ],
        "comment": (await owner.get(path)).json(),
        "task": {"key": "WEB-1", "title": "Repair the boiler"},
    }
    assert item["comment"]["reactions"][0]["mine"] is True
    for q in ("push leaks", "sto", '"stove leak"'):
        assert len(await found(owner, q)) == 1, q
    for q in ("boiler", "WEB-1", "-leak", '"leak stove"'):
        assert await found(owner, q) == [], q


async def test_all_types_are_one_list_and_a_type_that_is_not_asked_for_is_left_out(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, "Website")
    await say(owner, "WEB-1", "More of the website")
    await say(owner, "WEB-1", "Website")
    for types, expected in (
        ("comment", ["comment", "comment"]),
        ("task,comment", ["task", "comment", "comment"]),
        ("project", ["project"]),
    ):
        answer = (await owner.get(SEARCH, params={"q": "website", "type": types, "include": "total"})).json()
        assert [item["type"] for item in answer["items"]] == expected
        assert answer["total"] == len(expected)
    walked: list[str] = []
    params = {"q": "website", "limit": "1"}
    while params:
        page = (await owner.get(SEARCH, params=params)).json()
        walked += [item[item["type"]]["id"] for item in page["items"]]
        params = {**params, "cursor": page["next_cursor"]} if page["has_more"] else {}
    assert len(walked) == len(set(walked)) == 4


async def test_what_was_edited_is_found_as_it_is_now_and_what_was_deleted_is_not(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web)
    path = await say(owner, "WEB-1", "The boiler leaks")
    await owner.patch(path, json={"body": "The stove leaks"})
    assert (await found(owner, "boiler"), await found(owner, "stove")) == ([], ["The stove leaks"])
    await require_true(tables)
    assert (await owner.delete(path)).status_code == 204
    assert await found(owner, "leaks") == []
    await require_true(tables)


async def test_what_is_said_of_a_task_goes_into_the_trash_with_it_and_moves_with_it(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.project(web.owner, "OTHER")
    await make.task(web)
    await say(owner, "WEB-1", "The boiler leaks")
    await owner.delete("/api/v1/tasks/WEB-1")
    assert await found(owner, "boiler") == await found(owner, "boiler", project="WEB") == []
    await owner.post("/api/v1/tasks/WEB-1/restore")
    assert await found(owner, "boiler", project="WEB") == ["The boiler leaks"]
    moved = await owner.post("/api/v1/tasks/WEB-1/move", json={"project": "OTHER"})
    assert await found(owner, "boiler", project="WEB") == []
    assert await found(owner, "boiler", project="OTHER") == ["The boiler leaks"]
    await owner.delete(f"/api/v1/tasks/{moved.json()['id']}?permanent=true")
    assert await found(owner, "boiler") == []
    assert await tables.fetchval("SELECT count(*) FROM comment_search") == 0


async def test_what_is_said_in_projects_of_others_is_not_found(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    await say(owner, "WEB-1", "secret boiler")
    outsider = client_for(await make.user())
    assert await found(outsider, "boiler") == []
    refused = await outsider.get(SEARCH, params={"q": "boiler", "type": "comment", "project": "WEB"})
    assert problem(refused) == (404, "not_found")
    assert await found(client_for(await make.member(web, ProjectRole.VIEWER)), "boiler") == ["secret boiler"]
    admin = client_for(await make.user(admin=True))
    assert await found(admin, "boiler") == []
    assert await found(admin, "boiler", project="WEB") == ["secret boiler"]


async def test_in_an_archived_project_only_who_names_it_finds(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    await say(owner, "WEB-1", "boiler")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert await found(owner, "boiler") == []
    assert await found(owner, "boiler", project="WEB") == ["boiler"]
    await owner.delete("/api/v1/projects/WEB")
    answer = await owner.get(SEARCH, params={"q": "boiler", "type": "comment", "project": "WEB"})
    assert problem(answer) == (404, "not_found")


async def test_an_api_token_finds_what_is_said_where_it_reads_tasks(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER")
    for project in (web, other):
        await make.task(project)
        await say(owner, f"{project.key}-1", f"boiler of {project.key}")
    narrow = carrying(make.client(), await api_token(make, web.owner, Scope.TASKS_READ, project_ids=[web.id]))
    assert await found(narrow, "boiler") == ["boiler of WEB"]
    assert await found(narrow, "boiler", type="task,comment") == ["boiler of WEB"]
    of_projects = carrying(make.client(), await api_token(make, web.owner, Scope.PROJECTS_READ))
    refused = await of_projects.get(SEARCH, params={"q": "boiler", "type": "comment"})
    assert problem(refused) == (403, "insufficient_scope")


async def test_it_is_one_statement(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, count_statements: Counting
) -> None:
    await make.task(web)
    await say(owner, "WEB-1", "boiler")
    assert await found(owner, "boiler") == ["boiler"]  # looks the caller up
    async with count_statements() as seen:
        await found(owner, "boiler")
    assert len(seen) == 1, seen


async def test_of_many_that_match_the_newest_are_ranked(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web)
    await say(owner, "WEB-1", "boiler")
    await tables.execute(
        "INSERT INTO comments (id, task_id, body, created_by, created_at)"
        " SELECT (repeat('f', 24) || lpad(to_hex(n), 8, '0'))::uuid, task_id, 'one more boiler', created_by, created_at"
        " FROM comments, generate_series(1, 500) AS n"
    )
    answer = (await owner.get(SEARCH, params={"q": "boiler", "type": "comment", "include": "total"})).json()
    assert answer["total"] == 500
    assert {item["comment"]["body"] for item in answer["items"]} == {"one more boiler"}


@pytest.fixture(params=[1, 3])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if five comments were a million: on many tasks, or on a few."""
    for name, size in (("_FEW", request.param), ("_FEW_SAID", 3), ("_LOOKED_AT", 4), ("_ENOUGH", 2)):
        monkeypatch.setattr(queries, name, size)
    queries.page.cache_clear()
    yield
    queries.page.cache_clear()


@pytest.mark.usefixtures("many")
async def test_among_many_a_common_word_finds_the_newest_and_a_rare_one_all(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    theirs = await make.project(key="THEIRS")
    for project in (web, web, web, theirs):
        await make.task(project)
    for body in ("old common rare", "common", "common word", "another word"):
        await say(owner, "WEB-1", body)
    await say(owner, "WEB-2", "the last common")
    for body in ("common", "word"):
        await say(client_for(theirs.owner), "THEIRS-1", body)
    await owner.delete("/api/v1/tasks/WEB-2")
    assert set(await found(owner, "rare")) == {"old common rare"}
    assert set(await found(owner, "common")) == {"common", "common word"}  # of the newest four that say it
    assert set(await found(owner, "common old")) == {"old common rare"}
    assert await found(owner, "last") == []
    for _ in range(2):
        await say(owner, "WEB-3", "newest common")
    assert await found(owner, "common") == ["newest common"] * 2
    assert await found(client_for(await make.user()), "common") == []
