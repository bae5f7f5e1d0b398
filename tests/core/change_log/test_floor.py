"""A log that is shortened says where it begins, and takes nothing that somebody has still to read."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

import httpx
import pytest

from taskapi import background
from taskapi.changes.sync import cursors
from taskapi.changes.sync.cursors import Place
from taskapi.core.change_log import floor, readers
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.publish import Fact, creation, publish
from taskapi.core.change_log.readers import LogReader, register
from taskapi.core.change_log.tail import BEGINNING, Tail
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.statements import One, prepare_text
from taskapi.core.ids import new_id
from taskapi.core.work.sweeps import Sweep, run_to_its_end
from taskapi.settings import Settings
from tests.support.answers import problem
from tests.support.databases import settings_for
from tests.support.factory import Factory

_AGE = prepare_text("UPDATE events SET at = at - interval '10 days' WHERE xid < $xid::text::xid8", row=One[None])
_NAMES = prepare_text("SELECT subject_key FROM events ORDER BY xid, seq", row=One[str])
_TIMES = prepare_text("SELECT at FROM events ORDER BY xid, seq", row=One[datetime])
_OLDER = prepare_text("UPDATE events SET at = $at::timestamptz WHERE subject_key = 'imported'", row=One[None])
_NEXT = prepare_text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text", row=One[str])
_FLOOR = prepare_text("SELECT xid::text || ' ' || seq FROM log_floor", row=One[str])
_CAME_TO = prepare_text("UPDATE consumers SET xid = $xid::text::xid8", row=One[None])
_READ = prepare_text("UPDATE consumers SET seq = seq WHERE name = $name::text", row=One[None])
_CONSUMERS = prepare_text("SELECT name FROM consumers ORDER BY name", row=One[str])
FORGET = Sweep("change_log", timedelta(hours=1), partial(floor.forget_old, keep=timedelta(days=7)))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(settings_for(database_url))
    yield made
    await made.dispose()


async def write(database: Database, name: str, kind: str = "label.created") -> None:
    async with unit_of_work(database) as session:
        subject = kind.partition(".")[0]
        await publish(session, None, Fact(kind, subject, new_id(), creation({"name": name}), new_id(), name))


async def age(database: Database) -> str:
    """All that was written is ten days old; the number of the transaction that comes next."""
    async with database.autocommit() as session:
        following = await session.only_value(_NEXT)
        await session.run(_AGE, xid=following)
        return following


async def names(database: Database) -> list[str]:
    async with database.autocommit() as session:
        return await session.fetch_values(_NAMES)


async def complete_since(database: Database) -> datetime | None:
    async with database.autocommit() as session:
        return await floor.complete_since(session, new_id(), ChangeKind.LABEL_CREATED)


async def test_what_is_old_goes_in_batches_and_who_was_added_to_what_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor, "_AT_ONCE", 2)
    for name in ("a", "b", "c"):
        await write(database, name)
    await write(database, "added", "member.added")
    assert await complete_since(database) is None
    await age(database)
    await write(database, "young")
    await run_to_its_end(database, FORGET)
    assert await names(database) == ["added", "young"]
    assert await complete_since(database) is not None
    await run_to_its_end(database, FORGET)
    assert await names(database) == ["added", "young"]


async def test_it_is_complete_since_the_latest_that_is_gone(database: Database) -> None:
    """What an import tells of the past stands behind what happened before it came, and is older."""
    await write(database, "here")
    await age(database)
    await write(database, "imported")
    async with database.autocommit() as session:
        [here, imported] = await session.fetch_values(_TIMES)
        await session.run(_OLDER, at=here - timedelta(days=900))
    await run_to_its_end(database, FORGET)
    assert await names(database) == []
    assert await complete_since(database) == here != imported


async def test_what_a_reader_has_not_read_stays(database: Database) -> None:
    async def nothing(*_: object) -> None:
        pass

    await write(database, "read")
    await register(database, Tail(), [LogReader("slow", nothing)])
    following = await age(database)
    await write(database, "unread")
    async with database.autocommit() as session:
        await session.run(_CAME_TO, xid=following)
    await age(database)
    await run_to_its_end(database, FORGET)
    assert await names(database) == ["unread"]


async def test_a_reader_that_no_program_has_any_more_holds_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None:
        pass

    forget = Sweep("gone", timedelta(hours=1), partial(readers.forget_gone, known=["ours"]))
    await register(database, Tail(), [LogReader(name, nothing) for name in ("ours", "gone", "newer")])
    await write(database, "a month ago")
    await run_to_its_end(database, forget)
    assert await _readers(database) == ["gone", "newer", "ours"]
    # A newer program's, which works beside ours, has read it.
    async with database.autocommit() as session:
        await session.run(_READ, name="newer")
    monkeypatch.setattr(readers, "_GONE_AFTER", timedelta(seconds=-1))
    await run_to_its_end(database, forget)
    assert await _readers(database) == ["newer", "ours"]


async def _readers(database: Database) -> list[str]:
    async with database.autocommit() as session:
        return await session.fetch_values(_CONSUMERS)


async def test_a_cursor_from_before_is_told_to_load_everything_anew(live: Factory) -> None:
    team = await live.project(key="WEB")
    parts = live.app.state.parts
    async with live.client(team.owner) as owner:
        old = cursors.write(parts.cursors, Place(*BEGINNING))
        assert (await _changes(owner, old)).status_code == 200
        await age(parts.database)
        await live.task(team)
        await run_to_its_end(parts.database, FORGET)
        assert problem(await _changes(owner, old)) == (410, "cursor_expired")
        async with parts.database.autocommit() as session:
            xid, seq = (await session.only_value(_FLOOR)).split()
        begins = cursors.write(parts.cursors, Place(int(xid), int(seq)))
        assert (await _changes(owner, begins)).status_code == 200


async def _changes(client: httpx.AsyncClient, cursor: str) -> httpx.Response:
    return await client.get("/api/v1/changes", params={"since": cursor})


def test_the_log_is_kept_for_ever_unless_somebody_says_how_long() -> None:
    kept = Settings(changes={"TASKAPI_LOG_KEEP_DAYS": 30})
    names = [one.name for one in background.sweeps(Settings())]
    assert "change_log" not in names
    assert [*names, "gone_readers", "change_log"] == [one.name for one in background.sweeps(kept)]
