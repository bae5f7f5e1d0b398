"""The migrations build the schema of the models, take it back, and run once however many start them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError

from taskapi.core.db import migrations
from taskapi.core.db.connections import engine_of
from tests.adversity.observing import until_somebody_waits_for_a_lock
from tests.search.texts import TEXTS
from tests.support import databases
from tests.support.beside_tasks import require_true
from tests.support.databases import Template

pytestmark = pytest.mark.slow

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
OBJECTS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
# Alembic's own table stays, with nothing in it.
LEFT_AT_BASE = {"alembic_version", "alembic_version_pkc"}


@pytest.fixture
async def empty_url(template: Template) -> AsyncIterator[str]:
    async with template.empty() as url:
        yield url


async def ask(url: str, statement: str) -> list[Any]:
    connection = await databases.connect(url)
    try:
        return [row[0] for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def test_they_go_up_and_down_and_up_again(empty_url: str) -> None:
    assert (await migrations.standing(empty_url)).is_behind
    await migrations.upgrade(empty_url)
    assert (await migrations.standing(empty_url)).applied == migrations.newest()
    built = sorted(await ask(empty_url, OBJECTS))
    await migrations.downgrade(empty_url, "base")
    assert (await migrations.standing(empty_url)).is_behind
    assert set(await ask(empty_url, OBJECTS)) <= LEFT_AT_BASE
    await migrations.upgrade(empty_url)
    assert sorted(await ask(empty_url, OBJECTS)) == built


async def test_they_build_what_the_models_say(direct_url: str) -> None:
    def check(connection: Connection) -> None:
        settings = migrations.config(direct_url)
        settings.attributes["connection"] = connection
        command.check(settings)  # raises when a new revision would not be empty

    engine = engine_of(direct_url)
    async with engine.connect() as connection:
        await connection.run_sync(check)
    await engine.dispose()


async def test_many_who_start_them_at_once_run_them_once(empty_url: str) -> None:
    await asyncio.gather(*(migrations.upgrade(empty_url) for _ in range(5)))
    assert await ask(empty_url, "SELECT version_num FROM alembic_version") == [migrations.newest()]
    assert "tasks" in await ask(empty_url, TABLES)


async def test_whoever_waited_for_a_newer_program_leaves_its_schema_alone(direct_url: str) -> None:
    await ask(direct_url, "UPDATE alembic_version SET version_num = '9999'")
    await migrations.upgrade(direct_url)
    assert (await migrations.standing(direct_url)).is_ahead


async def test_limits_that_requests_have_are_not_theirs(empty_url: str, template: Template) -> None:
    database = f'ALTER DATABASE "{make_url(empty_url).database}"'
    await template.execute(f"{database} SET statement_timeout = 1")
    await migrations.upgrade(empty_url)
    await template.execute(f"{database} RESET statement_timeout")
    assert "tasks" in await ask(empty_url, TABLES)


async def test_going_up_where_all_is_done_changes_nothing(direct_url: str) -> None:
    before = await ask(direct_url, TABLES)
    await migrations.upgrade(direct_url)
    assert await ask(direct_url, TABLES) == before


SOME_TASKS = """
    INSERT INTO users (id, username, email, created_at, updated_at)
    SELECT gen_random_uuid(), 'somebody', 'somebody@example.com', now(), now();
    INSERT INTO projects (id, key, name, created_by, created_at, updated_at)
    SELECT gen_random_uuid(), 'WEB', 'Website', id, now(), now() FROM users;
    INSERT INTO statuses (id, project_id, key, name, category, position)
    SELECT gen_random_uuid(), id, 'todo', 'To do', 'unstarted', 1 FROM projects;
    INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, assignee_ids, created_by,
                       created_at, updated_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, projects.id, n, 'Repair the boiler', 'todo', 'unstarted',
           lpad(n::text, 10, '0'), ARRAY[users.id], users.id, now(), now()
    FROM users, projects, generate_series(1, 5000) AS n;
"""
BEFORE_QUICKER_DOCUMENTS = "0032"
OF_THE_VERSION_BEFORE = """
    SELECT count(*) FROM tasks
    WHERE tasks.search @@ websearch_to_tsquery('english'::regconfig, $1) AND deleted_at IS NULL
"""
BUSY = """
    UPDATE tasks
    SET title = 'Buy a stove', status = 'todo', rank = rank || 'V', assignee_ids = '{}', updated_at = clock_timestamp(),
        version = version + 1
    WHERE number = (SELECT 1 + (random() * 4999)::int)
"""


@asynccontextmanager
async def busy(url: str) -> AsyncIterator[None]:
    """Somebody changes tasks all the time, as processes of the version before do."""
    writer, done = await databases.connect(url), asyncio.Event()

    async def keep_writing() -> int:
        written = 0
        while not done.is_set():
            await writer.execute(BUSY)
            written += 1
        return written

    writing = asyncio.create_task(keep_writing())
    try:
        yield
    finally:
        done.set()
        written = await writing
        await writer.close()
    assert written > 0


async def test_tables_beside_tasks_are_filled_while_processes_of_the_version_before_go_on(empty_url: str) -> None:
    await migrations.upgrade(empty_url, "0007")
    reader = await databases.connect(empty_url)
    await reader.execute(SOME_TASKS)
    search = await reader.prepare(OF_THE_VERSION_BEFORE)
    assert await search.fetchval("boilers") == 5000
    async with busy(empty_url):
        await migrations.upgrade(empty_url, "0019")
    changed = await reader.fetchval("SELECT count(*) FROM tasks WHERE title = 'Buy a stove'")
    assert (await search.fetchval("stove"), await search.fetchval("boilers")) == (changed, 5000 - changed)
    async with busy(empty_url):
        await migrations.upgrade(empty_url)
    await require_true(reader)
    await reader.close()


SOME_COMMENTS = """
    INSERT INTO comments (id, task_id, body, created_by, created_at)
    SELECT id, id, 'It leaks on Fridays', created_by, now() FROM tasks
"""
SAY = """
    WITH gone AS (DELETE FROM comments WHERE id = (SELECT max(id::text)::uuid FROM comments))
    UPDATE comments SET body = 'It is quiet', edited_at = now()
    WHERE id = (SELECT lpad(to_hex(1 + (random() * 4999)::int), 32, '0')::uuid)
"""


async def test_what_is_said_is_found_while_processes_of_the_version_before_go_on(empty_url: str) -> None:
    await migrations.upgrade(empty_url, "0028")
    reader, writer = await databases.connect(empty_url), await databases.connect(empty_url)
    await reader.execute(SOME_TASKS)
    await reader.execute(SOME_COMMENTS)
    done = asyncio.Event()

    async def keep_writing() -> None:
        while not done.is_set():
            await writer.execute(SAY)

    writing = asyncio.create_task(keep_writing())
    await migrations.upgrade(empty_url, "0029")
    done.set()
    await writing
    await require_true(reader, "comment_search")
    assert await reader.fetchval("SELECT count(*) FROM comment_search") > 0
    await reader.execute("UPDATE alembic_version SET version_num = '0028'")  # as if it had failed half-way
    await reader.execute("DELETE FROM comment_search WHERE hashtext(comment_id::text) % 2 = 0")
    await migrations.upgrade(empty_url, "0029")
    await require_true(reader, "comment_search")
    await migrations.downgrade(empty_url, "0028")
    await reader.execute(SAY)
    await reader.close()
    await writer.close()


async def test_documents_stayed_the_same_when_they_became_quicker(empty_url: str) -> None:
    """So that those which are stored stay as they are."""
    texts = ["", "the", "9", "x" * 101, "xY" * 60, "İstanbul 東京都の天気 Ærø2 हिन्दी", *TEXTS]
    written = "SELECT search_document(t, t)::text FROM unnest($1::text[]) AS t"
    await migrations.upgrade(empty_url, BEFORE_QUICKER_DOCUMENTS)
    driver = await databases.connect(empty_url)
    before = await driver.fetch(written, texts)
    await driver.close()
    await migrations.upgrade(empty_url)
    driver = await databases.connect(empty_url)
    assert await driver.fetch(written, texts) == before
    await driver.close()


async def test_one_that_loses_a_deadlock_is_begun_again(empty_url: str) -> None:
    """It holds the first tasks and waits for a later one, whose holder then asks for the first."""
    await migrations.upgrade(empty_url, "0007")
    other = await databases.connect(empty_url)
    await other.execute(SOME_TASKS)
    await other.execute("SET deadlock_timeout = '1min'")  # the other never gives in
    async with other.transaction():
        await other.execute("SELECT FROM tasks WHERE number = 1500 FOR UPDATE")
        upgrading = asyncio.create_task(migrations.upgrade(empty_url))
        await until_somebody_waits_for_a_lock(empty_url)
        await other.execute("SELECT FROM tasks WHERE number = 1 FOR UPDATE")
    await upgrading
    assert not (await migrations.standing(empty_url)).is_behind
    await require_true(other)
    await other.close()


async def test_what_is_kept_from_its_lock_for_too_long_says_so(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "_ATTEMPTS", 2)
    monkeypatch.setattr(migrations, "_LIMITS", {"lock_timeout": "50ms"})
    await migrations.upgrade(empty_url, "0007")
    other = await databases.connect(empty_url)
    async with other.transaction():
        await other.execute("LOCK TABLE tasks")
        with pytest.raises(DBAPIError, match="lock timeout"):
            await migrations.upgrade(empty_url)
    await migrations.upgrade(empty_url)
    assert not (await migrations.standing(empty_url)).is_behind
    await other.close()


async def test_a_filled_database_goes_down_with_its_search_and_up_again(empty_url: str) -> None:
    await migrations.upgrade(empty_url)
    driver = await databases.connect(empty_url)
    await driver.execute(SOME_TASKS)
    await migrations.downgrade(empty_url, "0007")
    assert await driver.fetchval(OF_THE_VERSION_BEFORE, "boilers") == 5000
    await migrations.upgrade(empty_url)
    await require_true(driver)
    await driver.close()
