"""`taskapi audit verify`, from a shell."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from taskapi import cli
from taskapi.audit.seals.reactions import SEALER
from taskapi.core.change_log.tail import Tail
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from tests.support.databases import connect, ways_to
from tests.support.factory import Factory
from tests.support.readers import read_all

pytestmark = pytest.mark.slow


async def test_it_prints_the_head_or_names_what_was_changed(
    live: Factory, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions
    # Loggers keep the stream of their first line, and this command's ends with it.
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    environment = {**ways_to(database_url), "TASKAPI_DATA_DIR": str(tmp_path), "COLUMNS": "200"}

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.app, ["audit", "verify", *arguments], env=environment)
        if isinstance(result.exception, Refused):
            return result.exception.exit_code, str(result.exception)
        assert result.exception is None, result.exception
        return result.exit_code, result.stdout

    await live.task(await live.project())
    assert await asyncio.to_thread(run) == (
        0,
        "No change was compared with a seal\n10 changes are not sealed yet: a worker does that\n",
    )
    await read_all(live.app.state.parts.database, Tail(), SEALER)
    exit_code, told = await asyncio.to_thread(run)
    whole, head = told.splitlines()
    assert (exit_code, whole) == (0, "10 changes in 1 seals, from the first on, are what was sealed")
    assert await asyncio.to_thread(run, "--expect", head.removeprefix("Seal 1 is ")) == (0, told)
    assert await asyncio.to_thread(run, "--since", "2000-01-01") == (0, told)
    exit_code, told = await asyncio.to_thread(run, "--expect", "short")
    assert (exit_code, told.startswith("--expect takes the 64")) == (2, True)
    tables = await connect(database_url)
    victim = await tables.fetchval("DELETE FROM events WHERE kind = 'task.created' RETURNING id")
    await tables.close()
    exit_code, told = await asyncio.to_thread(run)
    assert (exit_code, str(victim) in told, told.endswith("was removed from seal 1")) == (1, True, True)
