"""Texts sort as people read them: case and accents do not matter, and digits count as numbers."""

import random
from typing import Any

import httpx
import pytest

from taskapi.core.db import migrations
from tests.conftest import ClientFor
from tests.support import databases
from tests.support.answers import column, titles, walk
from tests.support.factory import Factory, MadeProject

pytestmark = pytest.mark.slow

TASKS = "/api/v1/projects/WEB/tasks"
AS_READ = [
    "007 bonds",
    "9",
    "10",
    "10 9",
    "10 10",
    "_x",
    "Äpfel",
    "apple",
    "BANANA",
    "éclair",
    "Sprint 9",
    "sprint 10",
    "Sprint 10.2",
    "Sprint 10.10",
    "Strasse",
    "straße 2",
    "Zebra",
    "Ёлка 1",
    "ёлка 2",
    "ЖУК",
    "жук 3",
    "日本 2",
    "日本 11",
]


@pytest.mark.parametrize("limit", [3, 200])
async def test_titles_come_as_they_are_read_and_so_do_their_pages(
    limit: int, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for title in random.Random(1).sample(AS_READ, len(AS_READ)):
        await make.task(web, title)
    for path in (TASKS, "/api/v1/tasks"):
        assert [task["title"] for task in await walk(owner, path, sort="title", limit=limit)] == AS_READ
        assert [task["title"] for task in await walk(owner, path, sort="-title", limit=limit)] == AS_READ[::-1]


async def test_a_new_title_finds_its_new_place(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    for title in ("Sprint 2", "Sprint 10"):
        await make.task(web, title)
    await owner.patch("/api/v1/tasks/WEB-1", json={"title": "sprint 11"})
    assert titles(await owner.get(TASKS, params={"sort": "title"})) == ["Sprint 10", "sprint 11"]


@pytest.mark.parametrize(
    "text", ["1" * 500, "9" * 40, "ä" * 500, "a1" * 250, "ﷺ" * 500, "\u0301", "\uff21\uff11", "\u01c5"]
)
async def test_any_text_has_an_order_of_bounded_length(text: str, tables: Any) -> None:
    assert len(await tables.fetchval("SELECT reading_order($1)", text)) <= 200


async def test_projects_come_as_their_names_are_read(make: Factory, client_for: ClientFor) -> None:
    person = await make.user()
    names = ["Alpha 2", "alpha 10", "Äpfel", "Beta"]
    for number, name in enumerate(reversed(names)):
        await make.project(person, f"P{number}", name=name)
    found = await client_for(person).get("/api/v1/projects")
    assert column(found, "name") == names


async def test_what_was_there_before_gets_its_order_and_the_way_back_leaves_nothing(direct_url: str) -> None:
    await migrations.downgrade(direct_url, "0007")
    connection = await databases.connect(direct_url)
    try:
        await connection.execute(
            """
            INSERT INTO users (id, username, created_at, updated_at) VALUES (gen_random_uuid(), 'Ann2', now(), now());
            INSERT INTO projects (id, key, name, created_by, created_at, updated_at)
            SELECT gen_random_uuid(), 'WEB', 'Äpfel', id, now(), now() FROM users;
            INSERT INTO statuses (id, project_id, key, name, category, position)
            SELECT gen_random_uuid(), id, 'todo', 'To do', 'unstarted', 1 FROM projects;
            INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at,
                               updated_at)
            SELECT gen_random_uuid(), id, n, 'É ' || n, 'todo', 'unstarted', 'a', created_by, now(), now()
            FROM projects, generate_series(1, 4500) AS n;
            """
        )
        await migrations.upgrade(direct_url)
        assert await connection.fetchval("SELECT count(*) FROM tasks WHERE title_order <> reading_order(title)") == 0
        assert await connection.fetchval("SELECT title_order FROM tasks WHERE number = 12") == "e 000000000000012"
        assert await connection.fetchval("SELECT name_order FROM projects") == "apfel"
        assert await connection.fetchval("SELECT username_order FROM users") == "ann000000000000002"
    finally:
        await connection.close()


async def test_a_restored_table_needs_no_search_path(tables: Any, web: MadeProject, make: Factory) -> None:
    """pg_restore has none."""
    await make.task(web, "Sprint 9")
    await tables.execute("SET LOCAL search_path = ''")
    await tables.execute("UPDATE public.tasks SET title = 'Sprint 10'")
    assert await tables.fetchval("SELECT title_order FROM public.tasks") == "sprint 000000000000010"
