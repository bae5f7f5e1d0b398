"""A dump becomes the database, in one transaction: all of it is there, or what was there before."""

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Final

import asyncpg
from pydantic_core import to_json

from taskapi.cli.backup import emptying, programs, script
from taskapi.cli.backup.emptying import Found
from taskapi.cli.backup.manifest import Manifest
from taskapi.cli.backup.programs import Program
from taskapi.cli.backup.script import DataScript, Rows
from taskapi.core.callers import CallerKind
from taskapi.core.change_log import floor
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.clock import utc_now
from taskapi.core.ids import new_id
from taskapi.core.refused import Refused

Dump = Callable[[], Iterator[bytes]]
"""The dump from its beginning, as often as it is asked for."""
_SCRIPT: Final = ("--file=-", "--no-owner", "--no-privileges", "--no-comments")
_TABLE_DATA: Final = re.compile(r" TABLE DATA (\S+) (\S+)")
_AT_ONCE: Final = 200_000
# Each transaction that asks for its number gets the next.
_USE_UP: Final = """
    DO $$ BEGIN
        FOR _ IN 1..{numbers} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP;
    END $$
"""
_FOLLOWING: Final = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
_TELL: Final = """
    INSERT INTO events (id, at, actor_kind, subject_type, subject_id, kind, changes)
    VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)
"""


async def check(program: Program, manifest: Manifest, dump: Dump) -> None:
    """Read to its end by the engine's program; raises Refused. The tables are those that the manifest counts."""
    async with programs.running(program, "--list") as listing:
        feeding = asyncio.create_task(programs.feed(listing, dump()))
        listed = b"".join([chunk async for chunk in programs.output_of(listing)]).decode()
        await feeding
    rows = {".".join(found) for found in _TABLE_DATA.findall(listed)}
    counted = {table.replace('"', "") for table in manifest.tables}
    if rows != counted:
        raise Refused(f"the dump does not hold the tables of the manifest: {sorted(rows ^ counted)[:3]}", exit_code=1)
    async with programs.running(program, "--file=/dev/null") as reading:
        await programs.feed(reading, dump())


async def pass_numbers(connection: asyncpg.Connection, manifest: Manifest, tell: Callable[[int], None]) -> None:
    """Let the server come past the transactions that the log tells of: its order goes on, and what is new is newer.

    A server that is younger than the one of the backup has to use up their numbers, 150,000 a second; and a tenth more,
    for what the other one did after the backup: clients may have places in its log that must not come again.
    """
    goal = manifest.following + manifest.following // 10 + _AT_ONCE
    following = int(await connection.fetchval(_FOLLOWING))
    if following >= manifest.following:
        return
    tell(goal - following)
    await connection.execute("SET synchronous_commit = off")
    while (left := goal - int(await connection.fetchval(_FOLLOWING))) > 0:
        await connection.execute(_USE_UP.format(numbers=min(left, _AT_ONCE)))
    await connection.execute("RESET synchronous_commit")


async def load(connection: asyncpg.Connection, program: Program, manifest: Manifest, dump: Dump, found: Found) -> None:
    """Raises Refused or the server's own errors, and has then changed nothing."""
    async with connection.transaction():
        granted = await emptying.grants(connection)
        await emptying.take_away(connection, found)
        server = connection.get_server_version().major
        await connection.execute(await _section(program, "pre-data", manifest, dump, server))
        await _fill(connection, program, dump)
        await connection.execute(await _section(program, "post-data", manifest, dump, server))
        # The script has left no path to any schema.
        await connection.execute(f'SET search_path = "{manifest.db_schema}"')
        await _count(connection, manifest)
        await emptying.grant_again(connection, granted)
        await _tell(connection, manifest)


async def _section(program: Program, section: str, manifest: Manifest, dump: Dump, server: int) -> str:
    async with programs.running(program, *_SCRIPT, f"--section={section}") as process:
        feeding = asyncio.create_task(programs.feed(process, dump()))
        text = b"".join([chunk async for chunk in programs.output_of(process)])
        await feeding
    return script.statements(text, manifest.db_schema, server)


async def _fill(connection: asyncpg.Connection, program: Program, dump: Dump) -> None:
    async with programs.running(program, *_SCRIPT, "--section=data") as process:
        feeding = asyncio.create_task(programs.feed(process, dump()))
        data = DataScript(programs.output_of(process))
        while (found := await data.next()) is not None:
            if isinstance(found, Rows):
                await connection.copy_to_table(
                    found.table, schema_name=found.schema, columns=found.columns, source=data.rows()
                )
            else:
                await connection.execute(found)
        await feeding


async def _count(connection: asyncpg.Connection, manifest: Manifest) -> None:
    for table, expected in manifest.tables.items():
        rows = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - checked against the dump
        if rows != expected:
            raise Refused(f"{table} has {rows} rows, and the backup {expected}: nothing was changed", exit_code=1)


async def _tell(connection: asyncpg.Connection, manifest: Manifest) -> None:
    """A security event; and by it the log knows which places of clients are of what is lost (`floor.EXPIRED`)."""
    fields = {
        "taken_at": manifest.taken_at,
        "taskapi": manifest.taskapi,
        floor.RESTORED_UP_TO: str(manifest.settled),
    }
    kind = ChangeKind.BACKUP_RESTORED
    changes = to_json({name: (None, value) for name, value in fields.items()}).decode()
    await connection.execute(
        _TELL, new_id(), utc_now(), CallerKind.SYSTEM, kind.subject, floor.RESTORED_LOG, kind, changes
    )
