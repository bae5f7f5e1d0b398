"""`taskapi doctor`: what could be wrong with settings, database and machine, each with its remedy."""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import fastapi_offline
import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from taskapi.cli import home, log_findings, neighbours
from taskapi.cli.finding import Finding
from taskapi.core import startup
from taskapi.core.clock import utc_now
from taskapi.core.db import migrations, reachability, rights
from taskapi.core.db.connections import engine_of
from taskapi.core.refused import Refused
from taskapi.core.secrets.passwords import Passwords
from taskapi.settings import Environment, Settings

_MOST_SKEW = timedelta(seconds=5)
_LEAST_FREE_BYTES = 1 << 30
_SLOWEST_HASH_MS = 500
_DOCS_ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js")


def examine(*, as_json: bool) -> None:
    findings = list(_findings())
    ok = all(finding.ok for finding in findings)
    if as_json:
        typer.echo(json.dumps({"ok": ok, "checks": [asdict(finding) for finding in findings]}, indent=2))
    else:
        for finding in findings:
            _show(finding)
    if not ok:
        raise typer.Exit(1)


def _show(finding: Finding) -> None:
    sign = typer.style("ok  ", fg="green") if finding.ok else typer.style("FAIL", fg="red")
    typer.echo(f"{sign}  {finding.check}: {finding.detail}")
    if finding.remedy:
        typer.echo(f"      → {finding.remedy}")


def _findings() -> Iterator[Finding]:
    try:
        settings = startup.load_settings()
    except Refused as refused:
        yield Finding(
            "settings", ok=False, detail=str(refused), remedy="correct them; .env.example lists what there is"
        )
        return
    yield _settings(settings)
    yield _secret_key(settings)
    yield from asyncio.run(_database(home.with_database(settings)))
    yield from asyncio.run(neighbours.findings(settings))
    if settings.database.url is None or settings.environment is Environment.DEVELOPMENT:  # nothing is kept here else
        yield _disk_space(settings.data_dir)
        yield _writable(settings.data_dir)
    yield _hashing()
    yield _docs_assets()


def _settings(settings: Settings) -> Finding:
    unknown = startup.misspelt(settings)
    meant = ", ".join(f"{name} (did you mean {closest}?)" if closest else name for name, closest in unknown.items())
    return Finding.of(
        "settings",
        ok=not unknown,
        detail=f"no setting has the name {meant}" if unknown else f"environment {settings.environment}",
        remedy="correct or remove it; .env.example lists what there is",
    )


def _secret_key(settings: Settings) -> Finding:
    if not settings.security.secret_key.get_secret_value() and settings.database.url is None:
        return Finding("secret key", ok=True, detail=f"made by `taskapi run`, in {home.secret_file(settings)}")
    fault = startup.secret_fault(settings.security.secret_key.get_secret_value())
    what, _, remedy = (fault or "long enough").partition(": ")
    return Finding.of("secret key", ok=fault is None, detail=what, remedy=remedy)


async def _database(settings: Settings) -> list[Finding]:
    hurried = settings.database.model_copy(update={"wait": 0})
    try:
        url = await reachability.wait_for_database(hurried)
    except Refused as refused:
        what, _, remedy = str(refused).rpartition(": ")
        return [Finding("database", ok=False, detail=what, remedy=f"{remedy}, or start `taskapi run`")]
    engine = engine_of(url)
    try:
        async with engine.connect() as connection:
            server, clock = await _server(connection), await _clock(connection)
            found = [server, *await _schema_and_rights(connection, url), clock]
            # Without its tables, or the right to read them, nothing can be said of the log.
            if all(finding.ok for finding in found if finding is not clock):
                found += [await log_findings.of_readers(connection), await log_findings.of_seals(settings)]
            return found
    finally:
        await engine.dispose()


async def _server(connection: AsyncConnection) -> Finding:
    version = await connection.scalar(text("SHOW server_version"))
    return Finding("database", ok=True, detail=f"PostgreSQL {version}")  # one that is too old was refused before


async def _schema_and_rights(connection: AsyncConnection, url: str) -> list[Finding]:
    try:
        with rights.required_to_serve(url):
            found = await migrations.standing_of(connection)
            tables = await rights.lacking(connection)
    except Refused as refused:
        return [Finding.refused("rights", str(refused))]
    schema = Finding.of("schema", ok=not found.is_behind, detail=str(found), remedy="taskapi migrate")
    if tables:
        return [schema, Finding.refused("rights", rights.complaint(tables, url))]
    return [schema, Finding("rights", ok=True, detail="our role may read and write every table")]


async def _clock(connection: AsyncConnection) -> Finding:
    before = utc_now()
    theirs: datetime = await connection.scalar(text("SELECT clock_timestamp()"))
    skew = abs(theirs - (before + (utc_now() - before) / 2))
    return Finding.of(
        "clock",
        ok=skew <= _MOST_SKEW,
        detail=f"{skew.total_seconds():.3f} s from the database's",
        remedy="set both machines' clocks by NTP: tokens and deadlines go by them",
    )


def _disk_space(data_dir: Path) -> Finding:
    free = shutil.disk_usage(_existing(data_dir)).free
    return Finding.of(
        "disk space",
        ok=free >= _LEAST_FREE_BYTES,
        detail=f"{free / (1 << 30):.1f} GiB free at {data_dir}",
        remedy="make room, or choose another place with TASKAPI_DATA_DIR",
    )


def _writable(data_dir: Path) -> Finding:
    ok = os.access(_existing(data_dir), os.W_OK | os.X_OK)
    detail = f"{data_dir} can{'' if ok else 'not'} be written to"
    return Finding.of("data directory", ok=ok, detail=detail, remedy="give it to this user, or set TASKAPI_DATA_DIR")


def _existing(path: Path) -> Path:
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())


def _hashing() -> Finding:
    passwords = Passwords()
    started = time.perf_counter()
    asyncio.run(passwords.hash("how long does this take"))
    ms = (time.perf_counter() - started) * 1000
    passwords.close()
    return Finding.of(
        "password hashing",
        ok=ms <= _SLOWEST_HASH_MS,
        detail=f"{ms:.0f} ms",
        remedy="give this machine more CPU: everybody who signs in waits for this",
    )


def _docs_assets() -> Finding:
    folder = Path(fastapi_offline.__file__).parent / "static"
    missing = [name for name in _DOCS_ASSETS if not (folder / name).is_file()]
    detail = f"missing: {', '.join(missing)}" if missing else "Swagger UI and ReDoc are here"
    return Finding.of("documentation", ok=not missing, detail=detail, remedy="install fastapi-offline again")
