"""The database before a process serves: waited for, and refused where waiting would not help."""

import asyncio
import ssl
import time
from collections.abc import Mapping

import asyncpg

from taskapi.core.db import addresses, migrations, poolers, rights, servers
from taskapi.core.db.addresses import Address
from taskapi.core.db.connections import connect, connect_arguments, engine_of
from taskapi.core.refused import Refused
from taskapi.settings import DatabaseSettings

_NO_DATABASE = "set TASKAPI_DATABASE_URL, or use `taskapi run`, which brings a PostgreSQL along"
_URL, _DIRECT, _REPLICA = (f"TASKAPI_DATABASE_{name}" for name in ("URL", "DIRECT_URL", "READ_URL"))
_LOOK_SECONDS = 5.0
_STARTUP_PARAMETERS = "let it ignore_startup_parameters = jit,statement_timeout,idle_in_transaction_session_timeout"
_FOLLOWING = "use PgBouncer 1.21 or newer with max_prepared_statements = 500, or its session mode"
_NO_TLS = "rejected SSL upgrade"  # the driver's words
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
# A server that is starting, restarting or full may be there in a moment; a wrong password stays wrong.
_PASSING = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.TargetServerAttributeNotMatched,  # there may be a primary in a moment
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
    engine = engine_of(url)
    try:
        async with engine.connect() as connection:
            return await rights.lacking(connection)
    finally:
        await engine.dispose()


async def wait_for_database(settings: DatabaseSettings) -> str:
    """The URL for what keeps a connection, once the server answers.

    Refused when it has not for DATABASE_WAIT seconds, or never will.
    """
    if settings.url is None or settings.session_url is None:
        raise Refused(_NO_DATABASE)
    _require_readable({_DIRECT: settings.direct_url, _REPLICA: settings.read_url})
    is_shared = await _wait_for(_URL, settings.url, settings)
    if settings.direct_url:
        is_shared = await _wait_for(_DIRECT, settings.direct_url, settings)
    if is_shared:
        shown = addresses.read(settings.session_url).shown
        raise Refused(f"{shown} is a pooler in transaction mode: set {_DIRECT} to the server itself")
    return settings.session_url


def _require_readable(urls: Mapping[str, str | None]) -> None:
    for variable, url in urls.items():
        if url:
            _read(variable, url)


def _read(variable: str, url: str) -> Address:
    try:
        address = addresses.read(url)
    except ValueError as error:
        raise Refused(f"{variable} cannot be read: {_first_line(error)}") from None
    if fault := address.unreadable_file():
        raise Refused(f"{variable}: {fault}")
    return address


async def _wait_for(variable: str, url: str, settings: DatabaseSettings) -> bool:
    """Whether it leads through a pooler in transaction mode, once there is an answer."""
    shown = _read(variable, url).shown
    deadline, pause = time.monotonic() + settings.wait, _FIRST_PAUSE
    while True:
        try:
            return await _knock(variable, url, settings)
        except _PASSING as error:
            if time.monotonic() + pause > deadline:
                raise Refused(
                    f"no database at {shown} after {settings.wait:g} s ({_first_line(error)}): "
                    f"start it, or correct {variable}"
                ) from error
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _knock(variable: str, url: str, settings: DatabaseSettings) -> bool:
    """Connect as the service does. Raises Refused where the answer is no, and one of _PASSING where there is none."""
    shown = addresses.read(url).shown
    try:
        return await _look_around(shown, url, settings)
    except asyncpg.ProtocolViolationError as error:
        if "startup parameter" not in str(error):
            raise
        raise Refused(f"the pooler at {shown} refuses us ({_first_line(error)}): {_STARTUP_PARAMETERS}") from error
    except ssl.SSLError as error:
        raise Refused(f"no TLS with {shown} ({_first_line(error)}): correct the ssl… in {variable}") from error
    except _PASSING as error:
        if _NO_TLS in str(error):
            raise Refused(f"the database at {shown} speaks no TLS: correct sslmode in {variable}") from error
        raise
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise Refused(f"the database at {shown} refuses us ({_first_line(error)}): correct {variable}") from error


async def _look_around(shown: str, url: str, settings: DatabaseSettings) -> bool:
    """Two clients see what one cannot: whether a pooler has them take turns in one connection of the server's."""
    # Without names for statements: a pooler may lose them.
    arguments = connect_arguments(settings) | {"statement_cache_size": 0}
    clients: list[asyncpg.Connection] = []
    try:
        for _ in range(2):
            clients.append(await connect(url, **arguments))  # noqa: PERF401 - those made are ended, also when one fails
        if fault := servers.fault_of(clients[0].get_server_version().major):
            raise Refused(fault)
        async with asyncio.timeout(_LOOK_SECONDS):
            is_shared = await poolers.shares_connections(*clients)
            if is_shared and not await poolers.follows_statements(*clients):
                raise Refused(f"the pooler at {shown} loses prepared statements: {_FOLLOWING}")
    finally:
        for client in clients:
            client.terminate()
    return is_shared


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
