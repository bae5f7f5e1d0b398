"""A session is one unit of work on one connection: both of its lanes, all of it or nothing."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, literal_column, select, text

from taskapi.core.clock import utc_now
from taskapi.core.db import Database, unit_of_work
from taskapi.core.errors import Overloaded
from taskapi.core.ids import new_id
from taskapi.core.statements import Statement, prepare
from taskapi.models import User
from tests.support import databases
from tests.support.factory import Factory

BACKEND = prepare(select(literal_column("pg_backend_pid()")))
NAMES = prepare(select(User.username).order_by(User.username))


def account(name: str) -> User:
    now = utc_now()
    return User(id=new_id(), username=name, email=f"{name}@example.com", created_at=now, updated_at=now)


def in_use(database: Database) -> int:
    """How many places of the queue before the pool are taken."""
    return 10 - database.queue.free


async def names(database: Database) -> list[str]:
    async with database.reader() as session:
        return [row["username"] for row in await session.fetch_rows(NAMES)]


async def test_sqlalchemys_own_methods_wait_for_attach(live: Factory) -> None:
    async with live.app.state.database.writer() as session:
        with pytest.raises(RuntimeError, match="attach"):
            await session.execute(text("SELECT 1"))
        await session.attach()
        assert await session.scalar(text("SELECT 1")) == 1


async def test_both_lanes_are_one_connection_in_one_transaction(live: Factory) -> None:
    async with unit_of_work(live.app.state.database) as session:
        await session.attach()
        assert await session.scalar(text("SELECT pg_backend_pid()")) == await session.fetch_value(BACKEND)
        session.add(account("maria"))
        await session.flush()
        assert [row["username"] for row in await session.fetch_rows(NAMES)] == ["maria"]
    assert await names(live.app.state.database) == ["maria"]


async def test_what_is_added_is_stored_by_the_commit_without_a_flush(live: Factory) -> None:
    async with unit_of_work(live.app.state.database) as session:
        await session.attach()
        session.add(account("maria"))
    assert await names(live.app.state.database) == ["maria"]


async def test_a_failure_takes_back_what_both_lanes_did(live: Factory) -> None:
    async def fail() -> None:
        async with unit_of_work(live.app.state.database) as session:
            await session.attach()
            session.add(account("maria"))
            await session.flush()
            await session.fetch_rows(prepare(text("UPDATE users SET username = 'renamed'")))
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await fail()
    assert await names(live.app.state.database) == []


async def test_leaving_without_a_commit_takes_everything_back(live: Factory) -> None:
    async with live.app.state.database.writer() as session:
        await session.attach()
        session.add(account("maria"))
        await session.flush()
    assert await names(live.app.state.database) == []


async def test_a_rolled_back_session_can_go_on_to_another_end(live: Factory) -> None:
    async with live.app.state.database.writer() as session:
        assert await session.fetch_value(BACKEND)
        await session.rollback()
        await session.commit()  # nothing is left to store
    assert await names(live.app.state.database) == []


async def test_a_reading_session_is_in_no_transaction(live: Factory) -> None:
    now = prepare(select(literal_column("now()")))
    async with live.app.state.database.reader() as session:
        assert await session.fetch_value(now) < await session.fetch_value(now)
    async with live.app.state.database.writer() as session:
        assert await session.fetch_value(now) == await session.fetch_value(now)


async def test_a_session_that_does_nothing_takes_no_connection(live: Factory) -> None:
    database: Database = live.app.state.database
    async with database.writer(), database.reader():
        assert in_use(database) == 0


async def test_every_connection_comes_back(live: Factory) -> None:
    database: Database = live.app.state.database
    for _ in range(30):
        async with unit_of_work(database) as session:
            await session.fetch_value(BACKEND)
        async with database.reader() as reading:
            await reading.fetch_value(BACKEND)
        with pytest.raises(asyncpg.UndefinedTableError):
            await failing(database)
    assert in_use(database) == 0


async def failing(database: Database) -> None:
    async with database.writer() as session:
        await session.fetch_rows(Statement("SELECT * FROM nothing_of_this_name", ()))


async def test_a_connection_that_the_server_closed_is_replaced(live: Factory, database_url: str) -> None:
    database: Database = live.app.state.database
    async with database.reader() as session:
        lost = await session.fetch_value(BACKEND)
    admin: Any = await databases.connect(database_url)
    await admin.fetchval("SELECT pg_terminate_backend($1)", lost)
    while await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", lost):
        pass
    await admin.close()
    async with unit_of_work(database) as session:
        assert await session.fetch_value(BACKEND) != lost


async def test_who_finds_every_connection_taken_is_told_to_come_back(database_url: str) -> None:
    database = Database(
        databases.settings_for(database_url, TASKAPI_DATABASE_POOL_SIZE=1, TASKAPI_DATABASE_POOL_TIMEOUT=0.05)
    )
    async with database.reader() as session:
        await session.fetch_value(BACKEND)
        with pytest.raises(Overloaded) as refused:
            await database.ping()
    assert refused.value.headers == {"Retry-After": "1"}
    await database.ping()
    await database.dispose()


async def test_a_statement_says_which_parameter_is_missing(live: Factory) -> None:
    statement = prepare(select(User.id).where(User.username == bindparam("username"), User.id == bindparam("user_id")))
    async with live.app.state.database.reader() as session:
        with pytest.raises(TypeError, match="user_id"):
            await session.fetch_row(statement, username="maria")
