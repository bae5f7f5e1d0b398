"""`taskapi serve`: the API in one process or several, that leave without turning anybody away."""

import asyncio
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Final

import structlog
import typer
from uvicorn.supervisors import ChangeReload

import taskapi
from taskapi.cli import home, open_files
from taskapi.cli.addresses import listen
from taskapi.cli.supervisor import Supervisor
from taskapi.core import startup
from taskapi.core.db import reachability
from taskapi.core.http.server import DrainingServer, configuration
from taskapi.core.observing import garbage, logs, metrics
from taskapi.core.urls import url_of
from taskapi.main import create_app
from taskapi.settings import Environment, Settings
from taskapi.web import build

_FACTORY: Final = "taskapi.main:app_from_environment"


def serve(host: str | None, port: int | None, *, workers: int, reload: bool) -> None:
    settings = startup.load_settings()
    startup.require_safe(settings)
    startup.require_installed(settings)
    logs.configure(settings)
    open_files.raise_limit()
    startup.warn_of_misspelt(settings)
    asyncio.run(reachability.require_database(settings.database))
    listener = listen(host or settings.server.host, settings.server.port if port is None else port)
    settings = home.with_address(settings, listener)
    if reload:  # the application reads its settings itself then, in a process of its own
        os.environ.update(TASKAPI_HOST=settings.server.host, TASKAPI_PORT=str(settings.server.port))
    announce(settings, listener)
    if reload:
        config = configuration(_FACTORY, settings, reload=True)
        ChangeReload(config, target=DrainingServer(config).run, sockets=[listener]).run()
    elif workers > 1:
        _serve_many(settings, listener, workers)
    else:
        server = DrainingServer(configuration(create_app(settings), settings), settings.drain_seconds)
        server.run(sockets=[listener])


def _serve_many(settings: Settings, listener: socket.socket, count: int) -> None:
    garbage.freeze()  # the collector would write into pages that the children could share
    with tempfile.TemporaryDirectory(prefix="taskapi-metrics-") as folder:

        def serve_as(number: int, parent: int) -> None:
            metrics.share(Path(folder), number)
            server = DrainingServer(configuration(create_app(settings), settings), settings.drain_seconds, parent)
            server.run(sockets=[listener])
            if server.is_orphan:
                shutil.rmtree(folder, ignore_errors=True)

        patience = settings.drain_seconds + settings.server.shutdown_seconds
        Supervisor(serve_as, count, patience).run(stop_listening=listener.close)


def announce(settings: Settings, listener: socket.socket, *, is_building: bool = False) -> str:
    """Tells where to go, and returns it."""
    url = settings.server.public_url or url_of(*listener.getsockname()[:2])
    if settings.environment is Environment.PRODUCTION:
        structlog.stdlib.get_logger("taskapi").info("serving", url=url, docs=f"{url}/docs")
        return url
    told = {"API": f"{url}/api/v1", "Docs": f"{url}/docs", "Page": _page(url, is_building=is_building)}
    lines = "".join(f"  {name:6}{where}\n" for name, where in told.items())
    typer.echo(f"taskapi {taskapi.__version__}, Ctrl-C ends it\n{lines}")
    return url


def _page(url: str, *, is_building: bool) -> str:
    if build.stamp_of(build.DIST):
        return f"{url}/" + is_building * " (of before: it is being built anew)"
    return f"{url}/ (being built, there in a minute)" if is_building else "is not built: in a clone, make web does that"
