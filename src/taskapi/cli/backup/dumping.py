"""What is in the database at one moment: counted, and dumped by the engine's own program."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

import taskapi
from taskapi.cli.backup import programs
from taskapi.cli.backup.manifest import Manifest
from taskapi.cli.backup.programs import Program
from taskapi.core.change_log.tail import FOREIGN, settled
from taskapi.core.clock import utc_now
from taskapi.core.db import rights
from taskapi.core.db.connections import connect
from taskapi.core.db.migrations import Standing
from taskapi.core.refused import Refused

JOBS: Final = "jobs"
# What a role's own limits say is meant for requests.
UNHURRIED: Final = {
    "application_name": "taskapi backup",
    "statement_timeout": "0",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "0",
    "TimeZone": "UTC",
}
_COMPRESSION: Final = 3
_TABLES: Final = """
    SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname IN (current_schema(), 'jobs') ORDER BY 1
"""
# Where the log is settled, for transactions of other databases do not write to it; and what none of it has reached.
_PLACE: Final = f"""
    SELECT {settled("$1::text[]")}::text AS settled, pg_snapshot_xmax(pg_current_snapshot())::text AS following,
        current_schema() AS db_schema
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment that the dump is of, for as long as the connection that holds it is there."""

    url: str
    name: str
    program: Program
    manifest: Manifest


@asynccontextmanager
async def snapshot(url: str, fingerprint: str | None) -> AsyncIterator[Snapshot]:
    """It holds up nobody: neither who writes nor who reads the log."""
    with rights.required_to_migrate(url):
        connection = await connect(url, server_settings=UNHURRIED)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                server = connection.get_server_version().major
                program = programs.find("pg_dump", server)
                name = await connection.fetchval("SELECT pg_export_snapshot()")
                manifest = await _describe(connection, program, server, fingerprint)
                yield Snapshot(url, name, program, manifest)
        finally:
            connection.terminate()


async def dump(of: Snapshot) -> AsyncIterator[bytes]:
    """In the engine's custom format. Owners and rights are the target's own business."""
    arguments = (
        *("--format=custom", f"--compress={_COMPRESSION}", "--no-owner", "--no-privileges", "--lock-wait-timeout=30s"),
        *(f"--snapshot={of.name}", f'--schema="{of.manifest.db_schema}"', f"--schema={JOBS}"),
    )
    async with programs.running(of.program, *arguments, url=of.url) as process:
        async for chunk in programs.output_of(process):
            yield chunk


async def _describe(connection: asyncpg.Connection, program: Program, server: int, fingerprint: str | None) -> Manifest:
    foreign = [row[0] for row in await connection.fetch(FOREIGN)]
    place = await connection.fetchrow(_PLACE, foreign)
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    revision = None
    if await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    if revision is None:
        raise Refused("there is nothing to back up: the database has no schema yet", exit_code=1)
    if (found := Standing(revision)).is_ahead:
        raise Refused(f"{found}: back up with the program that serves it")
    return Manifest(
        taskapi=taskapi.__version__,
        taken_at=utc_now(),
        postgresql=server,
        pg_dump=program.major,
        db_schema=place["db_schema"],
        revision=revision,
        settled=int(place["settled"]),
        following=int(place["following"]),
        tables={table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables},  # noqa: S608 - quoted by PostgreSQL
        secret_key=fingerprint,
    )
