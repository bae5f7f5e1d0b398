"""A pooler between us and PostgreSQL, known by what it does: none of them says what it is.

Several clients of a pooler in transaction mode take turns in one connection of the server's. Prepared statements, locks
of a session and LISTEN belong to that connection: the first a good pooler follows, the others it cannot.
"""

import secrets
from typing import Final

import asyncpg

_TRIES: Final = 5  # on a busy one somebody may come between two of ours


async def shares_connections(first: asyncpg.Connection, second: asyncpg.Connection) -> bool:
    """Whether transactions of two clients meet in one process of the server, of which it gives each client its own."""
    for _ in range(_TRIES):
        if await _process(first) == await _process(second):
            return True
    return False


async def _process(connection: asyncpg.Connection) -> int:
    async with connection.transaction():
        pid: int = await connection.fetchval("SELECT pg_backend_pid()")
    return pid


async def follows_statements(first: asyncpg.Connection, second: asyncpg.Connection) -> bool:
    """Whether two clients that share connections may each prepare a statement under the same name."""
    for _ in range(_TRIES):
        name = f"taskapi_{secrets.token_hex(8)}"
        try:
            kept = [await client.prepare("SELECT 1", name=name) for client in (first, second)]
        except asyncpg.DuplicatePreparedStatementError:
            return False
        del kept
    return True
