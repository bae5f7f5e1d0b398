"""Readers of the log: each change has its effect once, in order, whichever workers there are and whatever fails."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Self

import pytest

from taskapi.core.change_log.publish import Fact, creation, publish
from taskapi.core.change_log.readers import Begins, LogReader, behind, read_to_the_end, register, take_turn
from taskapi.core.change_log.tail import LoggedChange, Tail
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare_text
from taskapi.core.ids import new_id
from taskapi.core.work import following
from taskapi.core.work.following import Following
from tests.support.databases import connect, settings_for

PATIENCE = 20.0
_NOTE = prepare_text("INSERT INTO noted (name) VALUES ($name::text)", row=One[None])


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[Any]:
    connection = await connect(database_url)
    await connection.execute("CREATE TABLE noted (place serial, name text)")
    yield connection
    await connection.close()


@pytest.fixture
async def databases(database_url: str, tables: Any) -> AsyncIterator[list[Database]]:
    """As two workers have them."""
    made = [Database(settings_for(database_url)) for _ in range(2)]
    yield made
    for database in made:
        await database.dispose()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions
    monkeypatch.setattr(following, "_POLL", 0.02)
    monkeypatch.setattr(following, "_FIRST_PAUSE", 0.02)


async def note(session: DbSession, changes: Sequence[LoggedChange]) -> None:
    for change in changes:
        await session.run(_NOTE, name=change.subject_key)


NOTING = LogReader("noting", note, Begins.AT_THE_BEGINNING, at_once=3)


async def write(database: Database, *names: str) -> None:
    for name in names:
        async with unit_of_work(database) as session:
            await publish(session, None, Fact("label.created", "label", new_id(), creation({"name": name}), None, name))


async def noted(tables: Any) -> list[str]:
    return [row["name"] for row in await tables.fetch("SELECT name FROM noted ORDER BY place")]


async def noted_in_the_end(tables: Any, number: int) -> list[str]:
    """Once there are so many, or nobody would wait any longer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while len(await noted(tables)) < number:  # noqa: ASYNC110 - other connections write it
                await asyncio.sleep(0.02)
    return await noted(tables)


async def test_a_reader_goes_on_where_it_was(databases: list[Database], tables: Any) -> None:
    database, tail = databases[0], Tail()
    await write(database, "a", "b")
    await register(database, tail, [NOTING])
    await read_to_the_end(database, tail, NOTING)
    assert await noted_in_the_end(tables, 2) == ["a", "b"]
    await register(database, tail, [NOTING])
    await write(database, "c")
    assert await behind(database, tail, [NOTING]) == [NOTING]
    await read_to_the_end(databases[1], tail, NOTING)
    assert await noted_in_the_end(tables, 3) == ["a", "b", "c"]
    assert await take_turn(database, tail, NOTING) == 0


async def test_a_new_reader_of_what_is_new_begins_now(databases: list[Database], tables: Any) -> None:
    database, tail = databases[0], Tail()
    await write(database, "before")
    reader = LogReader("new", note)
    await register(database, tail, [reader])
    await write(database, "after")
    async with Followed(database, reader):
        assert await noted_in_the_end(tables, 1) == ["after"]


class Followed:
    """A worker's following, for the length of a block."""

    def __init__(self, database: Database, *readers: LogReader) -> None:
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(Following(database, readers).run(self.stop))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, PATIENCE)


async def test_of_two_workers_each_change_is_read_by_one(databases: list[Database], tables: Any) -> None:
    names = [f"{number:03}" for number in range(60)]
    async with Followed(databases[0], NOTING), Followed(databases[1], NOTING):
        await asyncio.gather(*(write(databases[0], *names[start::4]) for start in range(4)))
        assert sorted(await noted_in_the_end(tables, len(names))) == names
    in_order = await tables.fetch("SELECT subject_key FROM events ORDER BY xid, seq")
    assert await noted(tables) == [row["subject_key"] for row in in_order]


async def test_what_fails_has_no_effect_and_is_tried_again(databases: list[Database], tables: Any) -> None:
    """Those before it are read, one by one, and nothing is left out or done twice once it goes well."""
    broken = True

    async def stumble(session: DbSession, changes: Sequence[LoggedChange]) -> None:
        await note(session, changes)
        if broken and any(change.subject_key == "c" for change in changes):
            raise ValueError("c")

    await write(databases[0], "a", "b", "c", "d")
    async with Followed(databases[0], LogReader("stumbling", stumble, Begins.AT_THE_BEGINNING)):
        assert await noted_in_the_end(tables, 2) == ["a", "b"]
        broken = False
        assert await noted_in_the_end(tables, 4) == ["a", "b", "c", "d"]


async def test_one_reader_does_not_wait_for_another(databases: list[Database], tables: Any) -> None:
    release = asyncio.Event()

    async def wait(_: DbSession, __: Sequence[LoggedChange]) -> None:
        await release.wait()

    async def fail(_: DbSession, __: Sequence[LoggedChange]) -> None:
        raise ValueError("always")

    slow = LogReader("slow", wait, Begins.AT_THE_BEGINNING)
    failing = LogReader("failing", fail, Begins.AT_THE_BEGINNING)
    await write(databases[0], "a", "b")
    async with Followed(databases[0], slow, failing, NOTING):
        assert await noted_in_the_end(tables, 2) == ["a", "b"]
        release.set()
    positions = {row["name"]: row["seq"] for row in await tables.fetch("SELECT name, seq FROM consumers")}
    assert positions["failing"] == 0
    assert positions["slow"] == positions["noting"] == 2


async def test_a_worker_without_a_database_reads_once_it_is_there(databases: list[Database], tables: Any) -> None:
    await write(databases[0], "a")
    await tables.execute("ALTER TABLE consumers RENAME TO hidden")
    async with Followed(databases[0], NOTING):
        await asyncio.sleep(0.1)
        await tables.execute("ALTER TABLE hidden RENAME TO consumers")
        assert await noted_in_the_end(tables, 1) == ["a"]
