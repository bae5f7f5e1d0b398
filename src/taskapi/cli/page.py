"""`make run` in a clone: the page is built beside the service that is already there."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import typer

from taskapi.cli.signals import ignoring_signals
from taskapi.web.building import Building

_PATIENCE_SECONDS: Final = 5.0
_FIRST: Final = "Beginning"


@contextmanager
def built_beside(builder: Path | None, building: Building, url: str) -> Iterator[None]:
    """Nothing of it is left when this ends; a service without a page goes on as it is."""
    if builder is None:
        yield
        return
    process = subprocess.Popen(  # noqa: S603 - the Makefile names it
        [sys.executable, str(builder), "--beside", f"{url}/"],
        stdin=subprocess.PIPE,  # closes when we die, however that happens: the build ends then
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us, who end all that it has started
        text=True,
    )
    building.doing = _FIRST
    stopping = threading.Event()

    def listen() -> None:
        """What it says is for the terminal and for the page's place."""
        begun = _FIRST
        for line in process.stdout or ():
            building.doing = line.strip()
            begun = building.doing.partition(":")[0]
            typer.echo(building.doing)
        code = process.wait()
        if code and not stopping.is_set():
            building.failed = begun
            typer.echo("The service goes on without it; make web tries again", err=True)
        building.doing = ""

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield
    finally:
        with ignoring_signals():
            stopping.set()
            _stop(process)
            listener.join(_PATIENCE_SECONDS)
            for stream in filter(None, (process.stdin, process.stdout)):
                stream.close()


def _stop(process: subprocess.Popen[str]) -> None:
    """With all that it has started, which is of its group."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
