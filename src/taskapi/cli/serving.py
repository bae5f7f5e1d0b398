"""`taskapi serve`: uvicorn, told how we want it, that leaves without turning anybody away."""

import asyncio
import os
import signal
import socket
import time
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import typer
import uvicorn
from uvicorn.supervisors import ChangeReload, Multiprocess, multiprocess

import taskapi
from taskapi.cli import home
from taskapi.cli.addresses import listen
from taskapi.core import startup
from taskapi.core.db import reachability
from taskapi.core.http.server import BoundedHttpProtocol
from taskapi.core.observing import logs
from taskapi.core.urls import url_of
from taskapi.settings import Environment, ServerSettings, Settings

_FACTORY = "taskapi.main:app_from_environment"
_BACKLOG = 2048
_POLL_SECONDS = 0.05


def serve(host: str | None, port: int | None, *, workers: int, reload: bool) -> None:
    settings = startup.load_settings()
    startup.require_safe(settings)
    asyncio.run(reachability.require_database(settings.database))
    logs.configure(settings)
    listener = listen(host or settings.server.host, settings.server.port if port is None else port)
    bound = home.with_address(settings, listener).server
    # For the application, which reads its settings itself, in whichever process it is made.
    os.environ.update(TASKAPI_HOST=bound.host, TASKAPI_PORT=str(bound.port))
    announce(settings, listener)
    config = configuration(_FACTORY, settings.server, workers=workers, reload=reload)
    server = DrainingServer(config)
    if reload:
        ChangeReload(config, target=server.run, sockets=[listener]).run()
    elif workers > 1:
        # uvicorn names this class in four places, and offers no other way to have its children drain.
        multiprocess.Process = _DrainingProcess  # type: ignore[misc]
        Multiprocess(config, sockets=[listener]).run()
    else:
        server.run(sockets=[listener])


class DrainingServer(uvicorn.Server):
    """On SIGTERM says so at /health/ready at once, and goes on listening until the requests of that moment have ended.

    uvicorn alone would first close its door: a load balancer that has not looked since then would meet refusals.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        # uvicorn's own would raise the signal again at the end: whoever runs us could not tell a good end from a bad.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        if self.config.loaded:
            self.config.loaded_app.state.draining = True

    async def main_loop(self) -> None:
        await super().main_loop()
        patience = self.config.timeout_graceful_shutdown or 0
        deadline = time.monotonic() + patience
        running = set(self.server_state.tasks)
        while running and not self.force_exit and time.monotonic() < deadline:
            _, running = await asyncio.wait(running, timeout=_POLL_SECONDS)
        self.config.timeout_graceful_shutdown = max(1, round(deadline - time.monotonic()))


class _DrainingProcess(multiprocess.Process):
    @property
    def server(self) -> DrainingServer:
        if self._server is None:
            self._server = DrainingServer(self.config)
        assert isinstance(self._server, DrainingServer)
        return self._server


def configuration(app: Any, settings: ServerSettings, *, workers: int = 1, reload: bool = False) -> uvicorn.Config:  # noqa: ANN401 - an application, or where to import it from
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        reload=reload,
        reload_dirs=[str(Path(taskapi.__file__).parent)] if reload else None,
        loop="uvloop",
        http=BoundedHttpProtocol,
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


def announce(settings: Settings, listener: socket.socket) -> None:
    url = settings.server.public_url or url_of(*listener.getsockname()[:2])
    if settings.environment is Environment.PRODUCTION:
        structlog.stdlib.get_logger("taskapi").info("serving", url=url, docs=f"{url}/docs")
        return
    typer.echo(f"taskapi {taskapi.__version__}, Ctrl-C ends it\n  API   {url}/api/v1\n  Docs  {url}/docs\n")
