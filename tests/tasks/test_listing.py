"""Lists of tasks show what was asked for: each filter alone, together with others, and a refusal where one is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, pointers, problem, titles
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

TASKS = "/api/v1/projects/WEB/tasks"
ALL = "/api/v1/tasks"


def day(offset: int) -> str:
    return (datetime.now(UTC) + timedelta(days=offset)).date().isoformat()


async def found(client: httpx.AsyncClient, query: str) -> list[str]:
    """The titles that this query finds, the same in both lists."""
    of_project, of_all = [sorted(titles(await client.get(f"{path}?{query}"))) for path in (TASKS, ALL)]
    assert of_project == of_all
    return of_project


@pytest.fixture
async def statuses(web: MadeProject, make: Factory) -> None:
    for status in ("backlog", "todo", "in_progress", "done", "cancelled"):
        await make.task(web, status, status=status)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["backlog", "cancelled", "done", "in_progress", "todo"]),
        ("status=todo", ["todo"]),
        ("status=todo&status=done", ["done", "todo"]),
        ("status=unheard_of", []),
        ("status_category=started", ["in_progress"]),
        ("status_category=done&status_category=cancelled", ["cancelled", "done"]),
        ("open=true", ["backlog", "in_progress", "todo"]),
        ("open=false", ["cancelled", "done"]),
        ("open=true&status=done&status=todo", ["todo"]),
    ],
)
async def test_by_status(query: str, expected: list[str], statuses: None, owner: httpx.AsyncClient) -> None:
    assert await found(owner, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("priority=high", ["high"]),
        ("priority=low&priority=urgent", ["low", "urgent"]),
        ("priority=none", ["none"]),
        ("priority=high&status=done", []),
    ],
)
async def test_by_priority(
    query: str, expected: list[str], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for priority in ("none", "low", "medium", "high", "urgent"):
        await make.task(web, priority, priority=priority)
    assert await found(owner, query) == expected


async def test_by_assignee(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    maria = await make.member(web, ProjectRole.EDITOR)
    await make.task(web, "mine", assignee_ids=[str(web.owner.id)])
    await make.task(web, "hers", assignee_ids=[str(maria.id)])
    await make.task(web, "ours", assignee_ids=[str(maria.id), str(web.owner.id)])
    await make.task(web, "nobody's")
    assert await found(owner, "assignee=me") == ["mine", "ours"]
    assert await found(owner, f"assignee={maria.id}") == ["hers", "ours"]
    assert await found(owner, f"assignee={maria.id}&assignee=me") == ["hers", "mine", "ours"]
    assert await found(owner, "assignee=none") == ["nobody's"]
    assert await found(owner, "assignee=none&assignee=me") == ["mine", "nobody's", "ours"]
    assert await found(owner, "assignee=00000000-0000-7000-8000-000000000000") == []


async def test_by_creator(web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor) -> None:
    maria = await make.member(web, ProjectRole.EDITOR)
    await make.task(web, "mine")
    await client_for(maria).post(TASKS, json={"title": "hers"})
    assert await found(owner, "creator=me") == ["mine"]
    assert await found(owner, f"creator={maria.id}") == ["hers"]
    assert await found(owner, f"creator={maria.id}&creator=me") == ["hers", "mine"]


async def test_by_parent(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    top = await make.task(web, "top")
    await make.task(web, "below", parent_id=top["id"])
    await make.task(web, "alone")
    assert await found(owner, f"parent={top['id']}") == ["below"]
    assert await found(owner, "parent=WEB-1") == ["below"]
    assert await found(owner, "parent=none") == ["alone", "top"]
    assert await found(owner, "parent=WEB-3") == []
    assert await found(owner, "parent=WEB-99") == []


async def test_by_the_parent_of_another_project_nothing_is_found(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER")
    parent = await make.task(other)
    await make.task(other, parent_id=parent["id"])
    assert titles(await owner.get(f"{TASKS}?parent=OTHER-1")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("due_before=2026-03-10", ["9th", "9th 23:59"]),
        ("due_before=2026-03-11", ["10th", "10th 12:00", "9th", "9th 23:59"]),
        ("due_before=2026-03-10T12:00:00Z", ["10th", "9th", "9th 23:59"]),
        ("due_before=2026-03-10T14:00:01%2B02:00", ["10th", "10th 12:00", "9th", "9th 23:59"]),
        ("due_after=2026-03-10", ["11th"]),
        ("due_after=2026-03-09", ["10th", "10th 12:00", "11th"]),
        ("due_after=2026-03-10T11:59:59Z", ["10th 12:00", "11th"]),
        ("due_after=2026-03-10T12:00:00Z", ["11th"]),
        ("due_after=2026-03-09&due_before=2026-03-11", ["10th", "10th 12:00"]),
    ],
)
async def test_by_due_date(
    query: str, expected: list[str], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, "9th", due_on="2026-03-09")
    await make.task(web, "9th 23:59", due_at="2026-03-09T23:59:59Z")
    await make.task(web, "10th", due_on="2026-03-10")
    await make.task(web, "10th 12:00", due_at="2026-03-10T12:00:00Z")
    await make.task(web, "11th", due_on="2026-03-11")
    await make.task(web, "whenever")
    assert await found(owner, query) == expected


async def test_overdue_is_what_is_open_and_late(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    await make.task(web, "yesterday", due_on=day(-1))
    await make.task(web, "today", due_on=day(0))
    await make.task(web, "an hour ago", due_at=past.isoformat())
    await make.task(web, "in an hour", due_at=(past + timedelta(hours=2)).isoformat())
    await make.task(web, "done", due_on=day(-1), status="done")
    await make.task(web, "cancelled", due_on=day(-1), status="cancelled")
    await make.task(web, "whenever")
    assert await found(owner, "overdue=true") == ["an hour ago", "yesterday"]
    assert await found(owner, "overdue=false") == ["cancelled", "done", "in an hour", "today", "whenever"]


async def test_by_day_is_what_is_due_then_or_worked_on(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web, "due that day", due_on="2026-03-10")
    await make.task(web, "due at noon", due_at="2026-03-10T12:00:00Z")
    await make.task(web, "begun before, due after", start_on="2026-03-01", due_on="2026-03-20")
    await make.task(web, "begun that day", start_on="2026-03-10")
    await make.task(web, "begun later", start_on="2026-03-11")
    await make.task(web, "due before", start_on="2026-03-01", due_on="2026-03-09")
    finished = await make.task(web, "finished before", start_on="2026-03-01", status="done")
    await make.task(web, "neither")
    await tables.execute(
        "UPDATE tasks SET completed_at = $1 WHERE title = $2", datetime(2026, 3, 9, tzinfo=UTC), finished["title"]
    )
    assert await found(owner, "date=2026-03-10") == [
        "begun before, due after",
        "begun that day",
        "due at noon",
        "due that day",
    ]


async def test_by_the_time_of_the_last_change(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, "old")
    second = await make.task(web, "second")
    await make.task(web, "third")
    assert await found(owner, f"updated_since={second['updated_at']}") == ["second", "third"]
    changed = (await owner.patch("/api/v1/tasks/WEB-1", json={"title": "changed"})).json()
    assert await found(owner, f"updated_since={changed['updated_at']}") == ["changed"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("login", ["Fix the login page", "Logins fail"]),
        ("failing", ["Logins fail", "Write docs"]),
        ("login page", ["Fix the login page"]),
        ('"login page"', ["Fix the login page"]),
        ('"page login"', []),
        ("login -page", ["Logins fail"]),
        ("login or docs", ["Fix the login page", "Logins fail", "Write docs"]),
        ("LOGIN", ["Fix the login page", "Logins fail"]),
        ("the", ["Fix the login page", "Logins fail", "Write docs"]),
        ("logi", []),
        ("the docs", ["Write docs"]),
        ("%", []),
        ("'\"\\ & | ! ( ) :*", []),
    ],
)
async def test_by_words(q: str, expected: list[str], web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, "Fix the login page")
    await make.task(web, "Logins fail", description="since the update")
    await make.task(web, "Write docs", description="about the tests that failed")
    assert sorted(titles(await owner.get(TASKS, params={"q": q}))) == expected
    assert sorted(titles(await owner.get(ALL, params={"q": q}))) == expected


async def test_filters_narrow_each_other(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    common: dict[str, Any] = {"priority": "high", "due_on": day(-3), "assignee_ids": [str(web.owner.id)]}
    await make.task(web, "Right login", status="in_progress", **common)
    await make.task(web, "Closed login", status="done", **common)
    await make.task(web, "Unassigned login", status="in_progress", **(common | {"assignee_ids": []}))
    await make.task(web, "Minor login", status="in_progress", **(common | {"priority": "low"}))
    await make.task(web, "Other words", status="in_progress", **common)
    query = (
        "status=in_progress&status=done&open=true&priority=high&assignee=me&creator=me&parent=none&overdue=true"
        f"&q=login&due_before={day(0)}&due_after={day(-9)}&updated_since=2026-01-01T00:00:00Z&date={day(-3)}"
    )
    assert await found(owner, query) == ["Right login"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("asignee=me", "/query/asignee"),
        ("status=No Such", "/query/status/0"),
        ("status_category=x", "/query/status_category/0"),
        ("priority=low&priority=x", "/query/priority/1"),
        ("open=perhaps", "/query/open"),
        ("assignee=maria", "/query/assignee/0"),
        ("creator=none", "/query/creator/0"),
        ("parent=me", "/query/parent"),
        ("due_before=tomorrow", "/query/due_before"),
        ("due_before=2026-03-10T12:00:00", "/query/due_before"),
        ("due_after=2026-02-30", "/query/due_after"),
        ("due_after=9999-12-31", "/query/due_after"),
        ("due_after=0001-01-01", "/query/due_after"),
        ("date=2026-03-10T00:00:00Z", "/query/date"),
        ("updated_since=1700000000", "/query/updated_since"),
        ("q=", "/query/q"),
        ("q=%00", "/query/q"),
        ("sort=colour", "/query/sort"),
        ("sort=", "/query/sort"),
        ("sort=title,,due", "/query/sort"),
        ("sort=--title", "/query/sort"),
        ("sort=title,title", "/query/sort"),
        ("sort=due,-due", "/query/sort"),
        ("sort=rank,number,title,due", "/query/sort"),
        ("tz=Europe/Atlantis", "/query/tz"),
        ("include=secrets", "/query/include/0"),
        ("expand=watchers", "/query/expand/0"),
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("limit=many", "/query/limit"),
        ("page=0", "/query/page"),
    ],
)
async def test_what_a_list_does_not_understand_is_pointed_at(
    query: str, pointer: str, web: MadeProject, owner: httpx.AsyncClient
) -> None:
    for path in (TASKS, ALL, "/api/v1/projects/MISSING/tasks"):
        assert pointers(await owner.get(f"{path}?{query}")) == [pointer]


async def test_an_enum_says_what_it_takes(web: MadeProject, owner: httpx.AsyncClient) -> None:
    refused = await owner.get(f"{TASKS}?priority=x")
    assert faults(refused) == [("/query/priority/0", "enum")]
    assert "'urgent'" in refused.json()["errors"][0]["detail"]


async def test_an_empty_list_is_told_from_a_missing_project(web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert problem(await owner.get("/api/v1/projects/MISSING/tasks")) == (404, "not_found")
    assert problem(await owner.get("/api/v1/projects/MISSING/tasks?status=done&page=2")) == (404, "not_found")
    assert (await owner.get(TASKS)).json() == {"items": [], "next_cursor": None, "has_more": False}


async def test_my_tasks_are_those_of_my_living_projects(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    mine, archived, trashed = [await make.project(web.owner, key) for key in ("MINE", "OLD", "GONE")]
    foreign = await make.project(key="FOREIGN")
    joined = await make.project(key="JOINED")
    await make.member(joined, ProjectRole.VIEWER, web.owner)
    for project in (web, mine, archived, trashed, foreign, joined):
        await make.task(project, project.key)
    await owner.patch("/api/v1/projects/OLD", json={"archived": True})
    await owner.delete("/api/v1/projects/GONE")
    assert sorted(titles(await owner.get(ALL))) == ["JOINED", "MINE", "WEB"]
    assert (await owner.get(f"{ALL}?include=total")).json()["total"] == 3


async def test_a_list_expands_each_of_its_tasks(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, "plain")
    await make.task(web, "assigned", assignee_ids=[str(web.owner.id)])
    items = (await owner.get(f"{TASKS}?expand=assignees,project,creator,parent")).json()["items"]
    assert [[person["id"] for person in item["assignees"]] for item in items] == [[], [str(web.owner.id)]]
    assert {item["project"]["name"] for item in items} == {"Website"}
    assert {item["creator"]["username"] for item in items} == {web.owner.username}


async def test_a_list_shows_tasks_as_they_are_read_alone(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web, "T", due_at="2026-03-10T12:00:00Z", estimate=1.5)
    assert (await owner.get(TASKS)).json()["items"] == [task]


async def test_a_list_is_one_round_trip_and_an_empty_one_two(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, count_statements: Counting
) -> None:
    for _ in range(3):
        await make.task(web)
    await owner.get(ALL)
    expected = {
        f"{TASKS}?status=todo&sort=-due,title&expand=assignees,project": 1,
        f"{ALL}?assignee=none&q=task": 1,
        f"{TASKS}?include=total": 2,
        f"{TASKS}?page=2&limit=2": 2,
        f"{TASKS}?status=done": 2,
        f"{ALL}?status=done": 1,
    }
    for path, trips in expected.items():
        async with count_statements() as seen:
            assert (await owner.get(path)).status_code == 200
        assert len(seen) == trips, path


async def test_nobody_lists_tasks_without_signing_in(web: MadeProject, client: httpx.AsyncClient) -> None:
    for path in (TASKS, ALL, f"{TASKS}?nonsense=1", "/api/v1/projects/MISSING/tasks"):
        assert problem(await client.get(path)) == (401, "unauthorized")


async def test_the_last_day_there_is_can_be_asked_for(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, "T", due_on="2999-12-31")
    assert column(await owner.get(f"{TASKS}?due_after=2999-12-30"), "due_on") == ["2999-12-31"]
    assert await found(owner, "due_after=2999-12-31") == []
