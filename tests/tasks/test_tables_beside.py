"""What lists find tasks by beside their rows is true after every kind of write, and written by no other."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.support import databases
from tests.support.answers import titles
from tests.support.beside_tasks import DERIVED, require_true
from tests.support.custom_fields import add
from tests.support.factory import Factory, MadeProject
from tests.support.marks import label

pytestmark = pytest.mark.slow

TASKS = "/api/v1/projects/WEB/tasks"
COUNTED = "SELECT n_tup_upd AS updates, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'tasks'"
PATIENCE_SECONDS = 30


async def found(owner: httpx.AsyncClient, query: str) -> list[str]:
    return sorted(titles(await owner.get(f"{TASKS}?{query}")))


async def version_of(tables: Any, table: str, task: dict[str, Any]) -> Any:
    """Where the row lies and who wrote it: another one after every write."""
    statement = f"SELECT ctid::text, xmin::text FROM {table} WHERE task_id = $1"
    return tuple(await tables.fetchrow(statement, task["id"]) or ())


async def test_text_is_found_as_it_is_now(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    task = await make.task(web, "Repair the boiler", description="It leaks")
    assert await found(owner, "q=boilers") == await found(owner, "q=leaking") == ["Repair the boiler"]
    await owner.patch(f"/api/v1/tasks/{task['id']}", json={"title": "Buy a stove", "description": None})
    assert await found(owner, "q=boiler") == await found(owner, "q=leaking") == []
    assert await found(owner, "q=stove") == ["Buy a stove"]


async def test_text_in_the_trash_is_not_found_and_comes_back_with_its_task(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web, "Repair the boiler")
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    assert await found(owner, "q=boiler") == []
    await owner.post(f"/api/v1/tasks/{task['id']}/restore")
    assert await found(owner, "q=boiler") == ["Repair the boiler"]
    await owner.delete(f"/api/v1/tasks/{task['id']}?permanent=true")
    assert await found(owner, "q=boiler") == []
    assert await tables.fetchval("SELECT count(*) FROM task_search") == 0


async def test_a_board_follows_a_task_from_column_to_column(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for title in ("a", "b", "c"):
        await make.task(web, title)
    await owner.patch("/api/v1/tasks/WEB-2", json={"status": "done"})
    await owner.post("/api/v1/tasks/WEB-3/move", json={"before": "WEB-1"})
    for sort, expected in (("rank", ["c", "a"]), ("-rank", ["a", "c"]), ("created_at", ["a", "c"])):
        assert titles(await owner.get(f"{TASKS}?status=todo&sort={sort}")) == expected
    assert titles(await owner.get(f"{TASKS}?status=done")) == ["b"]


async def test_every_kind_of_write_leaves_them_true(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.project(web.owner, "OTHER")
    colleague = await make.member(web, ProjectRole.EDITOR)
    await make.member(other, ProjectRole.EDITOR, colleague)
    both = [str(web.owner.id), str(colleague.id)]
    for title in ("first", "second", "third"):
        await make.task(web, title, assignee_ids=both)
    await make.task(web, "child", parent_id=(await owner.get("/api/v1/tasks/WEB-3")).json()["id"])
    await require_true(tables)
    tasks = "/api/v1/tasks"
    for method, path, body in (
        ("PATCH", f"{tasks}/WEB-1", {"title": "changed", "status": "done", "assignee_ids": both[:1]}),
        ("POST", f"{tasks}/WEB-1/reopen", None),
        ("POST", f"{tasks}/WEB-2/move", {"before": "WEB-1"}),
        ("POST", f"{tasks}/WEB-2/move", {"project": "OTHER"}),
        ("DELETE", f"{tasks}/WEB-1", None),
        ("DELETE", f"{tasks}/WEB-3?permanent=true", None),
        ("DELETE", f"/api/v1/projects/OTHER/members/{colleague.id}", None),
    ):
        answer = await owner.request(method, path, json=body)
        assert answer.is_success, answer.text
        await require_true(tables)
    await tables.execute("DELETE FROM projects WHERE key = 'WEB'")
    await require_true(tables)
    assert await tables.fetchval("SELECT count(*) FROM task_search") == 1


@pytest.mark.parametrize(
    ("change", "written"),
    [
        ({"estimate": 3}, {"task_recency"}),
        ({"priority": "high"}, {"task_recency"}),
        ({"status": "done"}, {"task_recency", "task_places", "task_agenda"}),
        ({"status": "in_progress"}, {"task_recency", "task_places"}),
        ({"due_on": "2026-03-10"}, {"task_recency", "task_agenda"}),
        ({"description": "Now with one"}, {"task_recency", "task_search"}),
        ({"label_ids": []}, {"task_recency", "task_labels"}),
        ({"fields": {"cost": 2}}, {"task_recency", "task_fields"}),
    ],
)
async def test_a_change_writes_what_it_is_about_and_nothing_else(
    change: dict[str, Any], written: set[str], live: Factory, database_url: str
) -> None:
    """On a database of its own: in one transaction, who wrote a row would not tell."""
    project = await live.project(key="WEB")
    async with live.client(project.owner) as owner:
        bug = await label(owner, "bug")
        await add(owner, "cost", "number")
    marks = {"label_ids": [bug], "fields": {"cost": 1}}
    task = await live.task(project, "T", assignee_ids=[str(project.owner.id)], **marks)
    tables = await databases.connect(database_url)
    before = {table: await version_of(tables, table, task) for table in DERIVED}
    async with live.client(project.owner) as owner:
        assert (await owner.patch("/api/v1/tasks/WEB-1", json=change)).status_code == 200
    after = {table: await version_of(tables, table, task) for table in DERIVED}
    await tables.close()
    assert {table for table in DERIVED if before[table] != after[table]} == written


@pytest.mark.parametrize(
    "change",
    [{"estimate": 3}, {"status": "done"}, {"title": "Another"}, {"priority": "high"}, {"fields": {"cost": 1}}],
)
async def test_a_change_of_what_has_no_index_gives_no_index_an_entry(
    change: dict[str, Any], live: Factory, database_url: str
) -> None:
    project = await live.project(key="WEB")
    async with live.client(project.owner) as owner:
        await add(owner, "cost", "number")
    await live.task(project, "T")
    assert await hot_updates(live, database_url, project, change) == (1, 1)


async def test_a_due_date_has_an_index(live: Factory, database_url: str) -> None:
    """The counter-check: what the test above reads does tell one kind of update from the other."""
    project = await live.project(key="WEB")
    await live.task(project, "T")
    assert await hot_updates(live, database_url, project, {"due_on": "2026-03-01"}) == (1, 0)


async def hot_updates(live: Factory, url: str, project: MadeProject, change: dict[str, Any]) -> tuple[int, int]:
    """How many updates of tasks a change made, and how many of them without the indexes."""
    async with live.client(project.owner) as owner:
        assert (await owner.patch("/api/v1/tasks/WEB-1", json=change)).status_code == 200
    await live.app.state.parts.database.dispose()  # a connection that ends tells what it has counted
    tables = await databases.connect(url)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (row := await tables.fetchrow(COUNTED))["updates"]:
                await tables.execute("SELECT pg_sleep(0.05)")
        return row["updates"], row["hot"]
    finally:
        await tables.close()
