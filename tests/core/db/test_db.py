"""A session is one unit of work on one connection: all of it or nothing."""

import re
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import bindparam, insert, literal_column, select, update

from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, Statement, prepare
from taskapi.core.errors import Overloaded
from taskapi.core.ids import new_id
from taskapi.models import User
from tests.support import databases
from tests.support.factory import Factory

BACKEND = prepare(select(literal_column("pg_backend_pid()")), row=One[int])
NAMES = prepare(select(User.username).order_by(User.username), row=One[str])


ADD = prepare(insert(User), "id", "username", "email", "created_at", "updated_at")


def account(name: str) -> dict[str, Any]:
    now = utc_now()
    return {"id": new_id(), "username": name, "email": f"{name}@example.com", "created_at": now, "updated_at": now}


async def add_in_a_savepoint(session: DbSession, *usernames: str) -> None:
    async with session.savepoint():
        session.announce(f"{usernames} in a savepoint")
        for username in usernames:
            await session.run(ADD, **account(username))


def in_use(database: Database) -> int:
    """How many places of the queue before the pool are taken."""
    return 10 - database.queue.free


async def names(database: Database) -> list[str]:
    async with database.autocommit() as session:
        return await session.fetch_values(NAMES)


async def test_a_failure_takes_everything_back(live: Factory) -> None:
    async def fail() -> None:
        async with unit_of_work(live.app.state.parts.database) as session:
            await session.run(ADD, **account("maria"))
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await fail()
    assert await names(live.app.state.parts.database) == []


async def test_leaving_without_a_commit_takes_everything_back(live: Factory) -> None:
    async with live.app.state.parts.database.writer() as session:
        await session.run(ADD, **account("maria"))
    assert await names(live.app.state.parts.database) == []


async def test_what_fails_within_a_savepoint_is_undone_alone(live: Factory) -> None:
    async with unit_of_work(live.app.state.parts.database) as session:
        await session.run(ADD, **account("maria"))
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_in_a_savepoint(session, "jo", "maria")
        async with session.savepoint():
            await session.run(ADD, **account("ana"))
    assert await names(live.app.state.parts.database) == ["ana", "maria"]


async def test_who_listens_is_told_after_the_commit_and_of_nothing_that_was_taken_back(live: Factory) -> None:
    database: Database = live.app.state.parts.database
    heard: list[str] = []
    database.listen(str, heard.append)
    async with database.writer() as session:
        await session.run(ADD, **account("maria"))
        session.announce("rolled back")
    async with unit_of_work(database) as session:
        session.announce("committed")
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_in_a_savepoint(session, "jo", "jo")
        await session.run(ADD, **account("ana"))
        assert heard == []
    assert heard == ["committed"]


async def test_a_rolled_back_session_can_go_on_to_another_end(live: Factory) -> None:
    async with live.app.state.parts.database.writer() as session:
        assert await session.fetch_value(BACKEND)
        await session.rollback()
        await session.commit()  # nothing is left to store
    assert await names(live.app.state.parts.database) == []


async def test_a_reading_session_is_in_no_transaction(live: Factory) -> None:
    now = prepare(select(literal_column("now()")), row=One[datetime])
    async with live.app.state.parts.database.autocommit() as session:
        assert await session.only_value(now) < await session.only_value(now)
    async with live.app.state.parts.database.writer() as session:
        assert await session.fetch_value(now) == await session.fetch_value(now)


async def test_a_session_that_does_nothing_takes_no_connection(live: Factory) -> None:
    database: Database = live.app.state.parts.database
    async with database.writer(), database.autocommit():
        assert in_use(database) == 0


async def test_every_connection_comes_back(live: Factory) -> None:
    database: Database = live.app.state.parts.database
    for _ in range(30):
        async with unit_of_work(database) as session:
            await session.fetch_value(BACKEND)
        async with database.autocommit() as reading:
            await reading.fetch_value(BACKEND)
        with pytest.raises(asyncpg.UndefinedTableError):
            await failing(database)
    assert in_use(database) == 0


async def failing(database: Database) -> None:
    async with database.writer() as session:
        await session.fetch_rows(Statement("SELECT * FROM nothing_of_this_name", ()))


async def test_a_connection_that_the_server_closed_is_replaced(live: Factory, database_url: str) -> None:
    database: Database = live.app.state.parts.database
    async with database.autocommit() as session:
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
    async with database.autocommit() as session:
        await session.fetch_value(BACKEND)
        with pytest.raises(Overloaded) as refused:
            await database.ping()
    assert refused.value.headers == {"Retry-After": "1"}
    await database.ping()
    await database.dispose()


async def test_a_statement_says_which_parameter_is_missing(live: Factory) -> None:
    statement = prepare(select(User.id).where(User.username == bindparam("username"), User.id == bindparam("user_id")))
    async with live.app.state.parts.database.autocommit() as session:
        with pytest.raises(TypeError, match="user_id"):
            await session.fetch_row(statement, username="maria")


@pytest.mark.parametrize("statement", [Statement[None]("SELECT $1", [("title", None)])])
def test_a_statement_refuses_a_name_that_it_does_not_know(statement: Statement[None]) -> None:
    assert statement.arguments({"title": "a"}) == ["a"]
    with pytest.raises(TypeError, match="titel"):
        statement.arguments({"titel": "a"})


class NameRow(TypedDict):
    username: str


def test_the_type_of_a_row_must_name_the_columns_of_its_statement() -> None:
    prepare(select(User.username), row=NameRow)
    prepare(select(User.username), row=One[str])
    with pytest.raises(TypeError, match="NameRow"):
        prepare(select(User.username, User.email), row=NameRow)
    with pytest.raises(TypeError, match="NameRow"):
        prepare(select(User.email), row=NameRow)
    with pytest.raises(TypeError, match="One"):
        prepare(select(User.username, User.email), row=One[str])


def test_the_names_of_parameters_come_in_the_drivers_order() -> None:
    """What the compiler tells of them is no public interface: an upgrade of SQLAlchemy must fail here."""
    statement = prepare(
        update(User)
        .where(User.id == bindparam("of_user"), User.username != "nobody", User.email == bindparam("email_then"))
        .values(full_name=bindparam("full_name"), updated_at=bindparam("now"))
        .returning(User.id),
        row=One[UUID],
    )
    values = {"of_user": 1, "email_then": 2, "full_name": 3, "now": 4}
    placed = dict(zip(re.findall(r"\$\d", statement.sql), statement.arguments(values), strict=True))
    assert re.search(r"full_name=\$(\d)", statement.sql) is not None
    for name, text in (("full_name", r"full_name=(\$\d)"), ("now", r"updated_at=(\$\d)"), ("of_user", r"id = (\$\d)")):
        found = re.search(text, statement.sql)
        assert found is not None
        assert placed[found[1]] == values[name]
