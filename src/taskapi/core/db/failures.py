"""The driver's failures as ours, where they mean "again" or "not now"; every other one is passed on."""

from typing import Final, NoReturn

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from taskapi.core.errors import (
    DatabaseReadOnly,
    DatabaseUnavailable,
    Overloaded,
    StorageFull,
    TransactionConflict,
    WritesRefused,
)

# SQLAlchemy wraps the driver's failures: once while it connects, twice in a statement.
_Adapted = AsyncAdapt_asyncpg_dbapi.Error

OF_THE_DRIVER: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
TRANSLATED: Final = (*OF_THE_DRIVER, _Adapted, DBAPIError, PoolTimeout)
_CONFLICTS: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.InvalidCachedStatementError)
# After these the connection looks alive, and must not be used again: its server became a replica and takes no more
# writes, or the driver no longer knows which answer belongs to which question.
_POISONED: Final = (asyncpg.ReadOnlySQLTransactionError, asyncpg.InternalClientError)
LOST: Final = (
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,  # shut down, crashed, starting up
    asyncpg.ObjectNotInPrerequisiteStateError,  # the database takes no connections
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    PoolTimeout,
    OSError,  # refused, reset, timed out
)


def cause_of(error: BaseException) -> BaseException | None:
    """The driver's own failure inside whatever SQLAlchemy made of it."""
    adapted = error.orig if isinstance(error, DBAPIError) else error
    return adapted.__cause__ if isinstance(adapted, _Adapted) else adapted


def poisons(error: BaseException) -> bool:
    """Whether the connection must not be used again, although it is open."""
    return isinstance(cause_of(error), _POISONED)


def refusal_of_writes(error: BaseException) -> type[WritesRefused] | None:
    """What it says of other writes, too."""
    cause = cause_of(error)
    if isinstance(cause, asyncpg.DiskFullError):
        return StorageFull
    return DatabaseReadOnly if isinstance(cause, asyncpg.ReadOnlySQLTransactionError) else None


def reraise(error: BaseException) -> NoReturn:
    """Raise our name for this failure, or the failure itself."""
    cause = cause_of(error)
    if isinstance(cause, _CONFLICTS):
        raise TransactionConflict("Another request changed the same rows at that moment; try again") from error
    if isinstance(cause, asyncpg.QueryCanceledError):
        raise Overloaded("The database did not answer in time; try again shortly") from error
    if isinstance(cause, asyncpg.DiskFullError):
        raise StorageFull("There is no room left to store this; reads go on") from error
    if isinstance(cause, asyncpg.ReadOnlySQLTransactionError):
        raise DatabaseReadOnly("The database takes no changes right now, and reads go on; try again shortly") from error
    if isinstance(cause, LOST):
        raise DatabaseUnavailable("The database cannot be reached; try again shortly") from error
    raise error
