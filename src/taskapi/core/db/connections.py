"""The engine, and its connections that wait for work, handed out one by one behind a fair queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import asyncpg
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from taskapi.core.db import addresses
from taskapi.core.fair_queue import FairQueue
from taskapi.settings import DatabaseSettings

_CONNECT_SECONDS: Final = 2
_PREPARED_STATEMENTS: Final = 300
_IDLE_IN_TRANSACTION: Final = "15s"
# A place that answers so is not asked again; who is refused by its password is refused at all of them.
_ELSEWHERE_PERHAPS: Final = (OSError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)


@dataclass(frozen=True, slots=True)
class TransactionCommands:
    """What opens and ends a unit of work; tests use savepoints of one transaction that they roll back."""

    begin: str = "BEGIN"
    commit: str = "COMMIT"
    rollback: str = "ROLLBACK"


class Connections:
    """The connections of one engine that wait for work, handed out without the pool's ceremony.

    SQLAlchemy's pool makes them, counts them and replaces broken ones. To take one from it and put it back runs
    through two greenlets, a tenth of a small read; the fair queue bounds us anyway, so those made are kept here.

    The pool's own check-in never runs, so nothing is reset when a session gives a connection back: a SET, a LISTEN,
    a temporary table or an advisory lock of a session would reach the next one. Whoever needs such a thing ends it
    before the session closes; tests look at every connection that comes back.
    """

    def __init__(self, engine: AsyncEngine, queue: FairQueue, commands: TransactionCommands) -> None:
        self.engine = engine
        self.queue = queue
        self.commands = commands
        self._idle: list[PoolProxiedConnection] = []

    async def take(self) -> PoolProxiedConnection:
        while self._idle:
            pooled = self._idle.pop()
            # The server may have gone away meanwhile; without a ping we learn it here, for nothing.
            if not driver_of(pooled).is_closed():
                return pooled
            pooled.invalidate()
        return await self.engine.raw_connection()

    def give_back(self, pooled: PoolProxiedConnection) -> None:
        self._idle.append(pooled)

    async def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()
        await self.engine.dispose()


def driver_of(pooled: PoolProxiedConnection) -> asyncpg.Connection:
    driver: asyncpg.Connection | None = pooled.driver_connection
    assert driver is not None
    return driver


def make_engine(url: str, settings: DatabaseSettings) -> AsyncEngine:
    return engine_of(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        poolclass=pool.AsyncAdaptedQueuePool,
        connect_args=connect_arguments(settings),
    )


def connect_arguments(settings: DatabaseSettings) -> dict[str, Any]:
    """What a connection that serves requests is opened with."""
    return {
        "statement_cache_size": _PREPARED_STATEMENTS,
        "max_cached_statement_lifetime": 0,  # a plan does not grow stale: PostgreSQL replaces it when it must
        "server_settings": {
            "application_name": "taskapi",
            "jit": "off",  # compiling a plan takes longer than any statement here
            "statement_timeout": f"{int(settings.statement_timeout * 1000)}",
            "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION,
            "TimeZone": "UTC",
        },
    }


def engine_of(url: str, *, connect_args: Mapping[str, Any] | None = None, **options: Any) -> AsyncEngine:  # noqa: ANN401 - SQLAlchemy's
    """An engine whose connections are made by `connect`: SQLAlchemy reads an address in words of its own."""
    creator = partial(connect, url, **(connect_args or {}))
    return create_async_engine("postgresql+asyncpg://", async_creator=creator, **options)


async def connect(
    url: str,
    *,
    server_settings: Mapping[str, str] | None = None,
    **arguments: Any,  # noqa: ANN401 - the driver's
) -> asyncpg.Connection:
    """A connection of the driver's to the first place of the address that has what is wanted.

    Each place has its own time, as with libpq: the driver has one for all, which a host that is silent would use up.
    """
    address = addresses.read(url)
    timeout = _CONNECT_SECONDS if address.seconds is None else address.seconds or None
    arguments |= address.arguments()
    failure: Exception | None = None
    for wanted in address.wanted:
        for place in address.in_turn():
            host, port = place or (None, None)
            try:
                return await asyncpg.connect(
                    host=host,
                    port=port,
                    target_session_attrs=wanted,
                    timeout=timeout,
                    server_settings={**(server_settings or {}), **address.server_settings},
                    **arguments,
                )
            except _ELSEWHERE_PERHAPS as error:
                failure = error
    assert failure is not None
    raise failure
