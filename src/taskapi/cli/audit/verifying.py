"""`taskapi audit verify`: the check, how far it is, and what it found."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Final

import typer

from taskapi.audit.seals import service
from taskapi.audit.seals.service import Report
from taskapi.cli import home
from taskapi.cli.first_people import parts_of
from taskapi.core import startup
from taskapi.core.db import reachability
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.settings import Settings

_HASH_BYTES: Final = 32
_SECONDS_BETWEEN: Final = 2.0


def verify(since: datetime | None, expect: str | None) -> None:
    expected = _hash(expect) if expect is not None else None
    settings = home.with_database(startup.load_settings())
    logs.configure(settings, sys.stderr)  # standard output is for what was asked
    asyncio.run(reachability.require_database(settings.database))
    report = asyncio.run(_verify(settings, since.replace(tzinfo=UTC) if since else None, expected))
    _tell(report)
    if report.fault is not None:
        raise Refused(report.fault, exit_code=1)


async def _verify(settings: Settings, since: datetime | None, expected: bytes | None) -> Report:
    told = time.monotonic()

    def tell(report: Report) -> None:
        nonlocal told
        if sys.stderr.isatty() and time.monotonic() - told > _SECONDS_BETWEEN:
            told = time.monotonic()
            typer.echo(f"… {report.changes:,} changes", err=True)

    async with parts_of(settings) as parts:
        return await service.verify(parts.database, since=since, expected=expected, progress=tell)


def _tell(report: Report) -> None:
    if report.seals:
        first = f"from seal {report.begins_with} on" if report.begins_with > 1 else "from the first on"
        typer.echo(f"{report.changes:,} changes in {report.seals:,} seals, {first}, are what was sealed")
    else:
        typer.echo("No change was compared with a seal")
    if report.unsealed:
        typer.echo(f"{report.unsealed:,} changes are not sealed yet: a worker does that")
    if report.fault is None and report.head_number:
        assert report.head is not None
        typer.echo(f"Seal {report.head_number} is {report.head.hex()}")


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != _HASH_BYTES:
        raise Refused("--expect takes the 64 hexadecimal digits that this command printed before")
    return found
