"""The migrations build the schema of the models, take it back, and run once however many start them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from taskapi.core.db import migrations
from tests.support import databases
from tests.support.databases import Template

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
    """A database that no migration has seen."""
    name = f"taskapi_empty_{uuid4().hex[:12]}"
    await template.execute(f'CREATE DATABASE "{name}"')
    yield template.url(name)
    await template.drop(name)


async def ask(url: str, statement: str) -> list[Any]:
    connection = await databases.connect(url)
    try:
        return [row[0] for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def test_they_go_up_and_down_and_up_again(empty_url: str) -> None:
    assert await migrations.is_pending(empty_url)
    await migrations.upgrade(empty_url)
    assert not await migrations.is_pending(empty_url)
    built = sorted(await ask(empty_url, OBJECTS))
    await migrations.downgrade(empty_url, "base")
    assert await migrations.is_pending(empty_url)
    assert set(await ask(empty_url, OBJECTS)) <= LEFT_AT_BASE
    await migrations.upgrade(empty_url)
    assert sorted(await ask(empty_url, OBJECTS)) == built


async def test_they_build_what_the_models_say(database_url: str) -> None:
    def check(connection: Connection) -> None:
        settings = migrations.config(database_url)
        settings.attributes["connection"] = connection
        command.check(settings)  # raises when a new revision would not be empty

    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        await connection.run_sync(check)
    await engine.dispose()


async def test_many_who_start_them_at_once_run_them_once(empty_url: str) -> None:
    await asyncio.gather(*(migrations.upgrade(empty_url) for _ in range(5)))
    assert await ask(empty_url, "SELECT version_num FROM alembic_version") == [migrations.newest()]
    assert "tasks" in await ask(empty_url, TABLES)


async def test_going_up_where_all_is_done_changes_nothing(database_url: str) -> None:
    before = await ask(database_url, TABLES)
    await migrations.upgrade(database_url)
    assert await ask(database_url, TABLES) == before
