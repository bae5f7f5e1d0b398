"""`taskapi run`: PostgreSQL, migrations, the first administrator, worker and API in one process tree."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import typer

from taskapi import embedded
from taskapi.cli import home, keeping, log_readers, open_files, page
from taskapi.cli.addresses import listen
from taskapi.cli.first_people import create_admin, generate_password, has_admin, parts_of
from taskapi.cli.serving import announce
from taskapi.cli.signals import ignoring_signals, until_signalled
from taskapi.core import startup
from taskapi.core.db import migrations, reachability
from taskapi.core.http.server import DrainingServer, configuration
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.main import create_app
from taskapi.settings import Environment, Settings
from taskapi.web.building import Building

log = structlog.stdlib.get_logger("taskapi")

_MARGIN_SECONDS = 2
_RESTART_SECONDS = 2.0


def run(host: str | None, port: int | None, page_builder: Path | None) -> None:
    given = startup.load_settings()
    is_embedded = given.database.url is None
    if is_embedded or given.environment is Environment.DEVELOPMENT:
        given = home.with_secret(given)
    startup.require_safe(given)
    startup.require_installed(given)
    logs.configure(given)
    open_files.raise_limit()
    startup.warn_of_misspelt(given)
    with until_signalled(), _database(given) as found:
        listener = listen(host or found.server.host, found.server.port if port is None else port)
        settings = home.with_address(found, listener)
        asyncio.run(_prepare(settings))
        with _worker(settings):
            building = Building()
            config = configuration(create_app(settings, building=building), settings)
            url = announce(settings, listener, is_building=page_builder is not None)
            with page.built_beside(page_builder, building, url):
                DrainingServer(config, settings.drain_seconds).run(sockets=[listener])


@contextmanager
def _database(settings: Settings) -> Iterator[Settings]:
    """The settings with a database that is running: the one they name, or our own for as long as this lasts."""
    if settings.database.url is not None:
        yield settings
        return
    # The first start takes some seconds: who waits is told for what.
    typer.echo("Starting PostgreSQL")
    with keeping.kept_alive(home.cluster(settings)) as server:
        asyncio.run(embedded.ensure_database(server, home.DATABASE))
        yield home.with_database(settings)


async def _prepare(settings: Settings) -> None:
    url = await reachability.wait_for_database(settings.database)
    if (await migrations.standing(url)).is_behind:
        typer.echo("Migrating the database")
        await asyncio.to_thread(_migrate, settings)
        await log_readers.begin(settings.database)
    await reachability.require_database(settings.database)
    async with parts_of(settings) as parts:
        if await has_admin(parts):
            return
        first = settings.first_admin
        chosen = first.password.get_secret_value() if first.password else None
        password = chosen or generate_password()
        await create_admin(parts, first.username, first.email or f"{first.username}@localhost.localdomain", password)
    shown = "the password of TASKAPI_ADMIN_PASSWORD" if chosen else f"password {password} (shown this once)"
    typer.echo(f"\nThe first administrator: username {first.username}, {shown}\n")


def _migrate(settings: Settings) -> None:
    """In a process of its own: what migrating imports and leaves behind, 20 MB, would stay with the API for good."""
    migrated = subprocess.run(
        [sys.executable, "-m", "taskapi", "migrate", "--schema-only"], env=_environment(settings), check=False
    )
    if migrated.returncode != 0:
        raise Refused("the database could not be migrated; the reason is above", exit_code=1)


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    """A worker beside the API, started again when it dies."""
    stopping = threading.Event()
    current = _start_worker(settings)

    def keep_alive() -> None:
        nonlocal current
        while True:
            current.wait()
            if stopping.wait(_RESTART_SECONDS):
                return
            log.error("worker.died", exit_code=current.returncode)
            current = _start_worker(settings)

    keeper = threading.Thread(target=keep_alive, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        with ignoring_signals():
            stopping.set()
            _stop_worker(current, settings.server.shutdown_seconds + _MARGIN_SECONDS)
            keeper.join(_RESTART_SECONDS)


def _start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "taskapi", "worker", "--with-parent"],
        env=_environment(settings),
        stdin=subprocess.PIPE,  # closes when we die, however that happens: the worker ends then
        start_new_session=True,  # Ctrl-C is for us, who end things in order
    )


def _environment(settings: Settings) -> dict[str, str]:
    """Ours, and what turned out: the database, the address, and the key that links in mails are written with."""
    assert settings.database.url is not None
    found = {
        "DATABASE_URL": settings.database.url,
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.security.secret_key.get_secret_value(),
        "HOST": settings.server.host,
        "PORT": str(settings.server.port),
    }
    return {**os.environ, **{f"TASKAPI_{name}": value for name, value in found.items()}}


def _stop_worker(worker: subprocess.Popen[bytes], patience: float) -> None:
    worker.terminate()
    try:
        worker.wait(patience)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    if worker.stdin:
        worker.stdin.close()
