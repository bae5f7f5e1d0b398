"""`taskapi healthcheck`, which a container asks itself every few seconds for as long as it lives.

It costs a start of Python and little more: no framework, no settings, nothing that is not needed for the question.
"""

import os
import sys

from taskapi import data_dir
from taskapi.core import sign_of_life
from taskapi.core.refused import Refused

_SECONDS = 4.0
_HEAD, _SHOWN = 65536, 1000
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, never listened on


def main() -> None:
    """`taskapi healthcheck`, where its arguments leave no question; help and mistakes are typer's."""
    try:
        check(worker="--worker" in sys.argv, whichever="--any" in sys.argv)
    except Refused as refused:
        sys.stderr.write(f"taskapi: {refused}\n")
        sys.exit(refused.exit_code)


def check(*, worker: bool = False, whichever: bool = False) -> None:
    """Ask the API, or the worker, or `whichever` of the two runs here."""
    heard = sign_of_life.seconds_ago(_data_dir()) if worker or whichever else None
    if (worker or heard is not None) and not sign_of_life.is_fresh(heard):
        raise Refused("no sign of life from a worker", exit_code=1)
    if not worker:
        _ask_api(may_be_absent=heard is not None)


def _ask_api(*, may_be_absent: bool) -> None:
    host = _setting("TASKAPI_HOST", "HOST") or "127.0.0.1"
    host = _EVERYWHERE.get(host, host)
    port = _setting("TASKAPI_PORT", "PORT") or "8000"
    where = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    try:
        status, body = _get(host, int(port))
    except ConnectionRefusedError as error:
        if not may_be_absent:
            raise Refused(f"no answer from {where}: {error}", exit_code=1) from error
        return
    except (OSError, ValueError, OverflowError) as error:
        raise Refused(f"no answer from {where}: {error}", exit_code=1) from error
    if status != "200":
        raise Refused(f"not ready: {status} {body}", exit_code=1)


def _get(host: str, port: int) -> tuple[str, str]:
    """The status, and the beginning of the body."""
    import socket  # noqa: PLC0415 - a worker is not asked by one

    # A service that answers to its own names only would call ours unknown.
    name = _setting("TASKAPI_ALLOWED_HOSTS").split(",")[0].strip() or "localhost"
    question = f"GET /health/ready HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, port), timeout=_SECONDS) as connection:
        connection.sendall(question.encode())
        answer = b""
        while len(answer) < _HEAD and (more := connection.recv(_HEAD)):
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    version, _, status = head.partition(b"\r\n")[0].partition(b" ")
    if not version.startswith(b"HTTP/1."):
        raise ValueError("it does not speak HTTP")
    return status[:3].decode(errors="replace"), body[:_SHOWN].decode(errors="replace")


def _data_dir() -> str:
    return _setting("TASKAPI_DATA_DIR") or data_dir.default()


def _setting(*names: str) -> str:
    """As pydantic-settings reads it: the environment before .env, in any case of letters; empty is none."""
    for source in (os.environ, _dotenv()):
        values = {name.upper(): value for name, value in source.items() if value}
        for name in names:
            if name in values:
                return values[name]
    return ""


def _dotenv() -> dict[str, str | None]:
    if not os.path.exists(".env"):  # noqa: PTH110 - pathlib is slow to import
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - a container has no such file

    return dotenv_values(".env")
