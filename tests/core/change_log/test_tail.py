"""The settled part of the log: in the order of commits, without gaps, whoever else writes or waits."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from taskapi.core.change_log.publish import Fact, creation, publish
from taskapi.core.change_log.tail import BEGINNING, LoggedChange, Position, Tail
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.statements import One, prepare_text
from taskapi.core.ids import new_id
from tests.support.databases import Template, connect, settings_for

WRITERS, EACH = 8, 25
_OWN_NUMBER = prepare_text("SELECT pg_current_xact_id()::text", row=One[str])


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests have transactions open on this server: they are noticed at once."""
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(settings_for(database_url, TASKAPI_DATABASE_POOL_SIZE=WRITERS + 2))
    yield made
    await made.dispose()


async def write(database: Database, *names: str) -> None:
    async with unit_of_work(database) as session:
        await publish(session, None, *[fact(name) for name in names])


def fact(name: str) -> Fact:
    return Fact("label.created", "label", new_id(), creation({"name": name}), new_id(), name)


async def read(database: Database, tail: Tail, after: Position = BEGINNING, rows: int = 100) -> list[LoggedChange]:
    async with database.autocommit() as session:
        await tail.settle(session)
        return await tail.read(session, after, rows)


async def test_changes_come_whole_and_a_page_at_a_time(database: Database) -> None:
    await write(database, "a", "b")
    await write(database, "c")
    tail = Tail()
    first = await read(database, tail, rows=2)
    rest = await read(database, tail, first[-1].position)
    assert [change.subject_key for change in first + rest] == ["a", "b", "c"]
    assert first[0].changes == {"name": [None, "a"]}
    assert isinstance(first[0].id, UUID)
    assert first[0].batch_id == first[1].batch_id != rest[0].batch_id
    assert await read(database, tail, rest[-1].position) == []


async def test_who_begins_at_the_end_gets_what_is_written_from_then_on(database: Database) -> None:
    await write(database, "before")
    tail = Tail()
    async with database.autocommit() as session:
        end = await tail.settle(session)
    assert await read(database, tail, end) == []
    await write(database, "after")
    assert [change.subject_key for change in await read(database, tail, end)] == ["after"]


async def test_nothing_is_read_past_a_transaction_that_is_open(database: Database) -> None:
    tail = Tail()
    async with unit_of_work(database) as slow:
        await publish(slow, None, fact("slow"))
        await write(database, "quick")
        assert await read(database, tail) == []
    assert [change.subject_key for change in await read(database, tail)] == ["slow", "quick"]


async def test_who_began_first_and_wrote_last_is_read_last(database: Database) -> None:
    """As one does that holds a project, and waits for a task that somebody else is changing."""
    tail = Tail()
    async with unit_of_work(database) as patient:
        await patient.only_value(_OWN_NUMBER)
        await write(database, "first", "second")
        await write(database, "third")
        await publish(patient, None, fact("last"))
    told = await read(database, tail)
    assert [change.subject_key for change in told] == ["first", "second", "third", "last"]
    assert [change.position for change in told] == sorted(change.position for change in told)


async def test_what_was_rolled_back_is_not_there_and_holds_nobody_up(database: Database) -> None:
    async with database.writer() as session:
        await publish(session, None, fact("never"))
    await write(database, "something")
    assert [change.subject_key for change in await read(database, Tail())] == ["something"]


async def test_a_transaction_of_another_database_is_not_waited_for(
    database: Database, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with template.cloned("other") as other_url:
        other = await connect(other_url)
        await other.execute("BEGIN; SELECT pg_current_xact_id()")
        await write(database, "here")
        monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", 60.0)
        assert await read(database, Tail()) == []
        monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)
        tail = Tail()
        assert [change.subject_key for change in await read(database, tail)] == ["here"]
        async with unit_of_work(database) as ours:
            await publish(ours, None, fact("ours"))
            await write(database, "later")
            for _ in range(3):
                assert [change.subject_key for change in await read(database, tail)] == ["here"]
        await other.close()
    assert [change.subject_key for change in await read(database, tail)] == ["here", "ours", "later"]


async def test_a_reader_misses_nothing_and_reads_nothing_twice(database: Database) -> None:
    written: set[str] = set()
    seen: list[str] = []
    tail = Tail()

    async def write_much(number: int) -> None:
        chance = random.Random(number)
        for step in range(EACH):
            names = [f"{number}.{step}.{one}" for one in range(chance.randint(1, 3))]
            async with database.writer() as session:
                for name in names:
                    await publish(session, None, fact(name))
                    await asyncio.sleep(chance.random() / 200)
                if chance.random() < 0.8:
                    await session.commit()
                    written.update(names)

    async def follow(writers: "asyncio.Task[Any]") -> None:
        position, last = BEGINNING, False
        while not last:
            last = writers.done()
            changes = await read(database, tail, position, rows=7)
            while changes:
                seen.extend(change.subject_key or "" for change in changes)
                position = changes[-1].position
                changes = await read(database, tail, position, rows=7)

    writers = asyncio.create_task(_all(*(write_much(number) for number in range(WRITERS))))
    await follow(writers)
    await writers
    assert len(seen) == len(set(seen))
    assert set(seen) == written


async def _all(*coroutines: Any) -> None:
    await asyncio.gather(*coroutines)
