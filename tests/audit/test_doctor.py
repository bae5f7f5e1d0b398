"""What `taskapi doctor` says of the change log."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from taskapi.audit.seals.reactions import SEALER
from taskapi.background import READERS
from taskapi.cli import log_findings
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.connections import engine_of
from taskapi.settings import Settings
from tests.support.databases import settings_for
from tests.support.factory import Factory
from tests.support.following import settled
from tests.support.readers import read_all


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[AsyncConnection]:
    engine = engine_of(database_url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as made:
        yield made
    await engine.dispose()


async def _say(connection: AsyncConnection, statement: str) -> None:
    await connection.exec_driver_sql(statement)


async def test_readers_that_are_behind_are_named_with_since_when(live: Factory, connection: AsyncConnection) -> None:
    await live.task(await live.project())
    await settled(live)
    assert (await log_findings.of_readers(connection)).ok  # no worker has been here, and nobody waits for long yet
    await _say(connection, "UPDATE events SET at = at - interval '1 hour'")
    none = await log_findings.of_readers(connection)
    assert not none.ok
    assert all(f"{reader.name} since " in none.detail for reader in READERS)
    assert none.remedy
    parts = live.app.state.parts
    for reader in READERS:
        await read_all(parts.database, parts.tail, reader)
    assert (await log_findings.of_readers(connection)).ok
    await _say(connection, "UPDATE consumers SET xid = '0' WHERE name = 'webhooks'")
    behind = await log_findings.of_readers(connection)
    assert (behind.ok, behind.detail.startswith("behind: webhooks since ")) == (False, True)
    assert ", " not in behind.detail


async def test_a_long_transaction_of_another_database_hides_no_reader_that_is_behind(
    live: Factory, connection: AsyncConnection, server: str
) -> None:
    elsewhere = engine_of(server)
    async with elsewhere.connect() as other:
        await other.exec_driver_sql("SELECT pg_current_xact_id()")
        await live.project()
        await _say(connection, "UPDATE events SET at = at - interval '1 hour'")
        for reader in READERS:
            await _say(connection, f"INSERT INTO consumers (name, xid, seq) VALUES ('{reader.name}', '0', 0)")
        behind = await log_findings.of_readers(connection)
        assert not behind.ok
        assert all(f"{reader.name} since " in behind.detail for reader in READERS)
    await elsewhere.dispose()


async def test_a_reader_of_another_version_is_named_and_is_no_failure(
    live: Factory, connection: AsyncConnection
) -> None:
    await live.project()
    await _say(connection, "INSERT INTO consumers (name, xid, seq) VALUES ('telex', '0', 0)")
    await _say(connection, "UPDATE events SET at = at - interval '1 hour'")
    parts = live.app.state.parts
    for reader in READERS:
        await read_all(parts.database, parts.tail, reader)
    found = await log_findings.of_readers(connection)
    assert (found.ok, "; telex: of another version" in found.detail) == (True, True)


async def test_the_last_seal_is_compared_and_no_other(
    live: Factory, database_url: str, connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions
    settings = Settings(database=settings_for(database_url))
    assert (await log_findings.of_seals(settings)).detail == "there are none yet: a worker makes them"
    team = await live.project()
    await read_all(live.app.state.parts.database, Tail(), SEALER)
    await live.task(team)
    await read_all(live.app.state.parts.database, Tail(), SEALER)
    await live.task(team)
    found = await log_findings.of_seals(settings)
    assert (found.ok, found.detail.endswith("; 1 changes are not sealed yet")) == (True, True)
    await _say(connection, "DELETE FROM events WHERE kind = 'project.created'")
    assert (await log_findings.of_seals(settings)).ok
    await _say(connection, "UPDATE events SET changes = '{}' WHERE subject_key LIKE '%%-1'")
    altered = await log_findings.of_seals(settings)
    assert (altered.ok, "was changed after it was sealed in seal" in altered.detail) == (False, True)
    assert altered.remedy
