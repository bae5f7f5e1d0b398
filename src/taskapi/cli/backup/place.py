"""Where a backup comes from or goes to: the database that the settings name, or our own, and the key beside it."""

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

from taskapi import embedded
from taskapi.cli import home
from taskapi.core.refused import Refused
from taskapi.core.secrets.digests import derive_key
from taskapi.settings import Settings

_FINGERPRINT_DIGITS = 16


@contextmanager
def to_read_from(settings: Settings) -> Iterator[Settings]:
    """Our own is started where `taskapi run` does not have it running."""
    if settings.database.url is not None:
        yield settings
        return
    if not (home.cluster(settings) / "cluster").exists():
        nothing = f"there is nothing to back up in {settings.data_dir}"
        raise Refused(f"{nothing}: set TASKAPI_DATABASE_URL, or TASKAPI_DATA_DIR to where it is")
    try:
        server = embedded.start(home.cluster(settings))
    except embedded.AlreadyRunning:
        yield home.with_database(settings)
        return
    except embedded.EmbeddedError as error:
        raise Refused(str(error), exit_code=1) from error
    with server:
        yield home.with_database(settings)


@contextmanager
def to_write_to(settings: Settings) -> Iterator[Settings]:
    """Our own is made where there is none, and must not be in use."""
    if settings.database.url is not None:
        yield settings
        return
    typer.echo("Starting PostgreSQL", err=True)
    try:
        server = embedded.start(home.cluster(settings))
    except embedded.EmbeddedError as error:
        raise Refused(str(error), exit_code=1) from error
    with server:
        asyncio.run(embedded.ensure_database(server, home.DATABASE))
        yield home.with_database(settings)


def fingerprint(settings: Settings) -> str | None:
    """Of the secret key, if there is one: enough to tell it from another, and nothing to find it by."""
    key = settings.security.secret_key.get_secret_value()
    if not key:
        with suppress(OSError):
            key = home.secret_file(settings).read_text().strip()
    if not key:
        return None
    return hashlib.sha256(derive_key(key, "fingerprint in backups")).hexdigest()[:_FINGERPRINT_DIGITS]
