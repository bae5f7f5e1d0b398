"""The data directory of `taskapi run`: the secret key and PostgreSQL's files, for this run and whoever helps it."""

import os
import secrets
import socket
import tempfile
from pathlib import Path

from pydantic import SecretStr

from taskapi import embedded
from taskapi.core.refused import Refused
from taskapi.settings import Settings

DATABASE = "taskapi"


def cluster(settings: Settings) -> Path:
    return settings.data_dir / "postgres"


def secret_file(settings: Settings) -> Path:
    return settings.data_dir / "secret_key"


def with_database(settings: Settings) -> Settings:
    """Where no server is named: the embedded one, if `taskapi run` is up; nobody waits for it."""
    if settings.database.url is not None:
        return settings
    url = embedded.database_url(cluster(settings), DATABASE)
    return settings.model_copy(update={"database": settings.database.model_copy(update={"url": url, "wait": 0})})


def with_address(settings: Settings, listener: socket.socket) -> Settings:
    """Where it really listens, for links in mails: a port may have been given, or found."""
    host, port = listener.getsockname()[:2]
    return settings.model_copy(update={"server": settings.server.model_copy(update={"host": host, "port": port})})


def with_secret(settings: Settings) -> Settings:
    """With the key that was given, or else one of our own making, the same at every start."""
    if settings.security.secret_key.get_secret_value():
        return settings
    key = SecretStr(_kept_secret(secret_file(settings)))
    return settings.model_copy(update={"security": settings.security.model_copy(update={"secret_key": key})})


def _kept_secret(file: Path) -> str:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _write_whole(file, secrets.token_hex(32))
        return file.read_text().strip()
    except OSError as error:
        raise Refused(
            f"cannot write to the data directory {file.parent} ({error.strerror}): "
            "give it to this user, or choose another with TASKAPI_DATA_DIR"
        ) from error


def _write_whole(file: Path, text: str) -> None:
    """Never half a key, whatever happens, and never a second one for two who start at once. Mode 0600."""
    descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=".secret_key-")
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(f"{text}\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(unfinished, file)
    except FileExistsError:
        pass
    finally:
        Path(unfinished).unlink()
