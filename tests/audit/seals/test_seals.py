"""The chain over the log: whatever somebody does to a sealed change is named."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from taskapi.audit.seals import service
from taskapi.audit.seals.reactions import SEALER
from taskapi.audit.seals.service import Report
from taskapi.core.change_log.publish import Fact, creation, publish
from taskapi.core.change_log.readers import LogReader, register, take_turn
from taskapi.core.change_log.tail import Tail
from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.ids import new_id
from taskapi.personal_data.deletion import service as deletion
from tests.support.databases import connect, settings_for
from tests.support.factory import Factory
from tests.support.readers import read_all

OVERRIDING = {"events": "OVERRIDING SYSTEM VALUE"}
BY_THREES = LogReader(SEALER.name, SEALER.read, SEALER.begins, at_once=3)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[Any]:
    connection = await connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(settings_for(database_url))
    yield made
    await made.dispose()


async def write(database: Database, *names: str) -> None:
    for name in names:
        async with unit_of_work(database) as session:
            await publish(session, None, Fact("label.created", "label", new_id(), creation({"name": name}), None, name))


async def seal(database: Database, reader: LogReader = BY_THREES) -> None:
    await read_all(database, Tail(), reader)


async def sealed(database: Database, count: int = 8) -> None:
    """In seals of three."""
    await write(database, *(f"{number:02}" for number in range(count)))
    await seal(database)


async def ids(tables: Any) -> list[UUID]:
    return [row["id"] for row in await tables.fetch("SELECT id FROM events ORDER BY xid, seq")]


async def test_a_log_that_nobody_touched_is_what_was_sealed(database: Database, tables: Any) -> None:
    await sealed(database)
    await write(database, "later")
    report = await service.verify(database)
    assert (report.fault, report.seals, report.changes, report.unsealed) == (None, 3, 8, 1)
    assert report.head == await tables.fetchval("SELECT hash FROM seals ORDER BY number DESC LIMIT 1")
    await seal(database)
    again = await service.verify(database, expected=report.head)
    assert (again.fault, again.changes, again.unsealed) == (None, 9, 0)


async def test_an_empty_log_is_whole(database: Database) -> None:
    assert await service.verify(database) == Report()


async def test_numbers_that_were_rolled_back_are_no_gap(database: Database) -> None:
    await write(database, "a")
    async with database.writer() as session:
        await publish(session, None, Fact("label.created", "label", new_id(), {}))
    await write(database, "b")
    await seal(database)
    assert (await service.verify(database)).fault is None


async def put_back(tables: Any, *names: str) -> None:
    """As they were when `keep` copied them."""
    for name in names:
        await tables.execute(f"DELETE FROM {name}")
        await tables.execute(f"INSERT INTO {name} {OVERRIDING.get(name, '')} SELECT * FROM kept_{name}")


async def keep(tables: Any, *names: str) -> None:
    for name in names:
        await tables.execute(f"CREATE TEMPORARY TABLE kept_{name} AS SELECT * FROM {name}")


async def test_a_change_that_was_changed_is_named_whatever_was_changed(database: Database, tables: Any) -> None:
    await sealed(database)
    await keep(tables, "events")
    victim = (await ids(tables))[4]
    for change in (
        "at = at + interval '1 second'",
        "actor_id = gen_random_uuid()",
        "actor_kind = 'user'",
        "token_id = gen_random_uuid()",
        "request_id = 'other'",
        "project_id = gen_random_uuid()",
        "subject_type = 'status'",
        "subject_id = gen_random_uuid()",
        "subject_key = 'other'",
        "kind = 'label.deleted'",
        """changes = '{"name": [null, "other"]}'""",
        "batch_id = gen_random_uuid()",
    ):
        await tables.execute(f"UPDATE events SET {change} WHERE id = $1", victim)
        fault = str((await service.verify(database)).fault)
        assert str(victim) in fault, change
        assert fault.endswith("was changed after it was sealed in seal 2"), change
        await put_back(tables, "events")
    assert (await service.verify(database)).fault is None


async def test_the_first_of_several_is_named(database: Database, tables: Any) -> None:
    await sealed(database)
    [first, second] = (await ids(tables))[1:3]
    await tables.execute("UPDATE events SET kind = 'label.deleted' WHERE id = ANY ($1)", [first, second])
    assert str(first) in str((await service.verify(database)).fault)


async def test_a_change_that_was_removed_is_named(database: Database, tables: Any) -> None:
    await sealed(database)
    await keep(tables, "events")
    for place in (0, 3, 7):
        victim = (await ids(tables))[place]
        await tables.execute("DELETE FROM events WHERE id = $1", victim)
        fault = str((await service.verify(database)).fault)
        assert str(victim) in fault
        assert fault.endswith(f"was removed from seal {place // 3 + 1}")
        await put_back(tables, "events")


async def slip_in(tables: Any, like: UUID) -> UUID:
    """A copy of a change, just before it."""
    made: UUID = await tables.fetchval(
        """
        INSERT INTO events OVERRIDING SYSTEM VALUE
        SELECT (jsonb_populate_record(events, jsonb_build_object('id', $1::uuid, 'seq', -seq))).*
        FROM events WHERE id = $2 RETURNING id
        """,
        new_id(),
        like,
    )
    return made


async def test_a_change_that_was_slipped_in_is_named(database: Database, tables: Any) -> None:
    await sealed(database)
    await keep(tables, "events")
    for place, where in ((1, "within seal 1"), (3, "between seals 1 and 2"), (0, "between seals 0 and 1")):
        stranger = await slip_in(tables, (await ids(tables))[place])
        fault = str((await service.verify(database)).fault)
        assert str(stranger) in fault
        assert fault.endswith(f"was slipped in {where}")
        await put_back(tables, "events")


async def test_changes_that_were_exchanged_are_named(database: Database, tables: Any) -> None:
    await sealed(database)
    one, other = (await ids(tables))[4:6]
    await tables.execute("ALTER TABLE events ALTER seq DROP IDENTITY; DROP INDEX ix_events_position")
    await tables.execute(
        """
        UPDATE events SET xid = other.xid, seq = other.seq FROM events AS other
        WHERE events.id = ANY ($1) AND other.id = ANY ($1) AND events.id <> other.id
        """,
        [one, other],
    )
    fault = str((await service.verify(database)).fault)
    assert str(other) in fault
    assert "was moved" in fault


async def test_a_seal_that_was_altered_is_named(database: Database, tables: Any) -> None:
    await sealed(database)
    await keep(tables, "seals")
    for tampering, told in (
        ("UPDATE seals SET entries = entries || substr(entries, 1, 64) WHERE number = 2", "seal 2 was altered"),
        ("UPDATE seals SET entries = '' WHERE number = 2", "seal 2 was altered"),
        ("UPDATE seals SET hash = sha256(hash) WHERE number = 2", "seal 2 was altered"),
        ("UPDATE seals SET previous = sha256(hash) WHERE number = 1", "seal 1 was altered"),
        ("UPDATE seals SET sealed_at = now() + interval '1 hour' WHERE number = 3", "seal 3 was altered"),
        ("UPDATE seals SET last_seq = last_seq + 1 WHERE number = 3", "seal 3 was altered"),
        ("DELETE FROM seals WHERE number = 2", "seals 2 to 2 are gone"),
        ("DELETE FROM seals WHERE number = 1", "the seals before seal 2 are gone"),
        ("DELETE FROM seals WHERE number = 3", "the seals after seal 2 are gone"),
        ("DELETE FROM seals", "the seals after seal 0 are gone"),
    ):
        await tables.execute(tampering)
        assert str((await service.verify(database)).fault).startswith(told), tampering
        await put_back(tables, "seals")


async def test_a_tail_that_was_cut_with_its_seals_is_noticed(database: Database, tables: Any) -> None:
    await sealed(database)
    head = (await service.verify(database)).head
    await tables.execute("DELETE FROM seals WHERE number = 3")
    await tables.execute("DELETE FROM events WHERE id = ANY ($1)", (await ids(tables))[6:])
    assert "after seal 2 are gone" in str((await service.verify(database)).fault)
    # Whoever sets the reader back as well is found out by the hash that was kept elsewhere.
    await tables.execute("DELETE FROM consumers")
    await seal(database)
    assert (await service.verify(database)).fault is None
    assert "expected" in str((await service.verify(database, expected=head)).fault)


async def test_since_leaves_out_what_was_sealed_before(database: Database, tables: Any) -> None:
    await sealed(database)
    await tables.execute("UPDATE events SET kind = 'label.deleted' WHERE id = $1", (await ids(tables))[0])
    since = utc_now()
    await write(database, "later")
    await seal(database)
    report = await service.verify(database, since=since)
    assert (report.fault, report.changes, report.begins_with) == (None, 1, 4)
    assert (await service.verify(database)).fault is not None
    assert (await service.verify(database, since=since + timedelta(days=1))).changes == 0


async def test_nothing_is_sealed_twice_by_a_reader_that_begins_anew(database: Database, tables: Any) -> None:
    await sealed(database)
    await tables.execute("DELETE FROM consumers")
    await write(database, "later")
    await seal(database)
    report = await service.verify(database)
    assert (report.fault, report.changes) == (None, 9)


async def test_workers_that_seal_at_once_make_one_chain(database: Database) -> None:
    tail = Tail()
    await register(database, tail, [BY_THREES])

    async def work() -> None:
        for _ in range(30):
            await take_turn(database, tail, BY_THREES)

    names = [[f"{writer}-{number}" for number in range(10)] for writer in range(3)]
    await asyncio.gather(work(), work(), *(write(database, *some) for some in names))
    await seal(database)
    report = await service.verify(database)
    assert (report.fault, report.changes, report.unsealed) == (None, 30, 0)


async def test_deleting_an_account_takes_its_names_out_and_the_chain_stays_whole(
    live: Factory, database: Database, tables: Any
) -> None:
    ana, root = await live.user("ana", full_name="Ana Díaz"), await live.user("root", admin=True)
    await seal(database)
    assert await tables.fetchval("SELECT count(*) FROM sealed_names WHERE salt IS NOT NULL") == 4
    async with unit_of_work(database) as session:
        await deletion.delete_user(session, root.caller, ana.id, None)
    assert (await service.verify(database)).fault is None
    await seal(database)
    report = await service.verify(database)
    assert (report.fault, report.unsealed) == (None, 0)
    of_ana = "SELECT count(*) FROM sealed_names JOIN events ON events.id = event_id WHERE salt IS NOT NULL AND {}"
    assert await tables.fetchval(of_ana.format("(subject_id = $1 OR actor_id = $1)"), ana.id) == 0
    assert await tables.fetchval(of_ana.format("(subject_id = $1 OR actor_id = $1)"), root.id) == 2


async def test_names_of_people_who_are_there_are_sealed_too(live: Factory, database: Database, tables: Any) -> None:
    await live.user("ana")
    await seal(database)
    await keep(tables, "events", "sealed_names")
    signing_in = "WHERE kind = 'session.started'"
    for tampering, told in (
        (
            f"""UPDATE events SET changes = changes || '{{"address": [null, "192.0.2.7"]}}' {signing_in}""",
            "names changed",
        ),
        (f"UPDATE events SET changes = changes - '{{user_agent,address}}'::text[] {signing_in}", "lost its names"),
        ("UPDATE events SET subject_key = 'bo' WHERE kind = 'user.registered'", "names changed"),
        ("UPDATE sealed_names SET salt = NULL", "names changed"),
        ("DELETE FROM sealed_names", "was changed"),
    ):
        await tables.execute(tampering)
        assert told in str((await service.verify(database)).fault), tampering
        await put_back(tables, "events", "sealed_names")


async def test_who_deletes_an_account_and_who_seals_it_wait_for_each_other(
    live: Factory, database: Database, tables: Any
) -> None:
    """Else the salt of a name would be written after the deletion looked for it."""
    ana, root = await live.user("ana"), await live.user("root", admin=True)
    tail = Tail()
    await register(database, tail, [SEALER])
    async with unit_of_work(database) as session:
        await deletion.delete_user(session, root.caller, ana.id, None)
        sealing = asyncio.create_task(take_turn(database, tail, SEALER))
        while not await tables.fetchval(  # noqa: ASYNC110 - another connection waits
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        ):
            await asyncio.sleep(0.01)
    await sealing
    await seal(database, SEALER)
    assert (await service.verify(database)).fault is None
    left = (
        "SELECT count(*) FROM sealed_names JOIN events ON events.id = event_id WHERE subject_id = $1 OR actor_id = $1"
    )
    assert await tables.fetchval(left, ana.id) == 0


async def test_where_old_changes_are_deleted_the_chain_goes_on(database: Database, tables: Any) -> None:
    await sealed(database)
    cut = (await ids(tables))[:5]
    await tables.execute("INSERT INTO log_floor (xid, seq, at) SELECT xid, seq, at FROM events WHERE id = $1", cut[-1])
    await tables.execute("DELETE FROM events WHERE id = ANY ($1)", cut)
    assert (await service.verify(database)).fault is None
    async with unit_of_work(database) as session:
        await service.forget_old_seals(session)
    report = await service.verify(database)
    assert (report.fault, report.begins_with, report.seals) == (None, 2, 2)
    victim = (await ids(tables))[0]
    await tables.execute("DELETE FROM events WHERE id = $1", victim)
    assert str(victim) in str((await service.verify(database)).fault)
