"""The embedded PostgreSQL of `taskapi run`: started again when it dies, as long as that is likely to help."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from taskapi import embedded
from taskapi.cli.signals import ignoring_signals
from taskapi.core.refused import Refused
from taskapi.embedded import EmbeddedServer

log = structlog.stdlib.get_logger("taskapi.embedded")

_STARTS: Final = 3
_WITHIN_SECONDS: Final = 600.0


@contextmanager
def kept_alive(data_dir: Path) -> Iterator[EmbeddedServer]:
    """The server of `data_dir`. After its fourth death in ten minutes this process is told to end, and says why."""
    try:
        server = current = embedded.start(data_dir)
    except embedded.EmbeddedError as error:
        raise Refused(str(error), exit_code=1) from error
    stopping = threading.Event()
    given_up: list[str] = []

    def keep() -> None:
        nonlocal current
        deaths: deque[float] = deque(maxlen=_STARTS)
        while True:
            exit_code = current.wait()
            if stopping.is_set():
                return
            log.error("postgres.died", exit_code=exit_code, its_log=str(data_dir / "server.log.1"))
            try:
                _require_patience(deaths, data_dir)
                current = embedded.start_again(current)
            except embedded.EmbeddedError as error:
                given_up.append(str(error))
                os.kill(os.getpid(), signal.SIGTERM)
                return
            log.info("postgres.started_again")

    # It lasts as long as the server: the kernel would end the server with it.
    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield server
    finally:
        with ignoring_signals():
            stopping.set()
            current.stop()
            keeper.join()
            current.stop()  # it may have been starting
        if given_up:
            raise Refused(given_up[0], exit_code=1)


def _require_patience(deaths: "deque[float]", data_dir: Path) -> None:
    now = time.monotonic()
    if len(deaths) == _STARTS and now - deaths[0] < _WITHIN_SECONDS:
        raise embedded.EmbeddedError(
            f"the embedded PostgreSQL died {_STARTS + 1} times within {_WITHIN_SECONDS / 60:g} minutes: "
            f"look into {data_dir / 'server.log'}"
        )
    deaths.append(now)
