"""The database before a process serves: waited for, and refused where waiting would not help."""

import asyncio
import time

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from taskapi.core.db import migrations, rights
from taskapi.core.refused import Refused
from taskapi.settings import DatabaseSettings

_NO_DATABASE = "set TASKAPI_DATABASE_URL, or use `taskapi run`, which brings a PostgreSQL along"
_CONNECT_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
# A server that is starting, restarting or full may be there in a moment; a wrong password stays wrong.
_PASSING = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)


async def require_database(settings: DatabaseSettings) -> None:
    """Wait for the server, then make sure that its schema is not behind ours, and that we may use it."""
    url = await wait_for_database(settings)
    found = await migrations.standing(url)
    if found.is_behind:
        raise Refused(f"{found}: run `taskapi migrate` first")
    if found.is_ahead:
        migrations.warn_of(found)
    if lacking := await _lacking_rights(url):
        raise Refused(rights.complaint(lacking, url), exit_code=1)


async def _lacking_rights(url: str) -> list[str]:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await rights.lacking(connection)
    finally:
        await engine.dispose()


async def wait_for_database(settings: DatabaseSettings) -> str:
    """The server's URL once it answers; Refused when it has not for DATABASE_WAIT seconds, or never will."""
    if settings.url is None:
        raise Refused(_NO_DATABASE)
    deadline, pause = time.monotonic() + settings.wait, _FIRST_PAUSE
    while True:
        try:
            await _knock(settings.url)
        except _PASSING as error:
            if time.monotonic() + pause > deadline:
                raise Refused(
                    f"no database at {_shown(settings.url)} after {settings.wait:g} s ({_first_line(error)}): "
                    "start it, or correct TASKAPI_DATABASE_URL"
                ) from error
        else:
            return settings.url
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _knock(url: str) -> None:
    """Connect as the service does. Raises Refused where the answer is no, and one of _PASSING where there is none."""
    try:
        engine = create_async_engine(url)
    except (ArgumentError, ValueError) as error:
        raise Refused(f"TASKAPI_DATABASE_URL cannot be read: {_first_line(error)}") from None
    try:
        async with asyncio.timeout(_CONNECT_SECONDS), engine.connect():
            pass
    except TypeError as error:  # parameters of the URL are arguments of the driver's
        raise Refused(f"TASKAPI_DATABASE_URL has a parameter that the driver refuses: {_first_line(error)}") from error
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
        if isinstance(cause, _PASSING):
            raise cause from error
        raise Refused(
            f"the database at {_shown(url)} refuses us ({_first_line(cause or error)}): correct TASKAPI_DATABASE_URL"
        ) from error
    finally:
        await engine.dispose()


def _shown(url: str) -> str:
    """Where it is, without the password."""
    parts = make_url(url)
    host = parts.host or parts.query.get("host", "localhost")
    return f"{host}:{parts.port or 5432}/{parts.database or ''}"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
