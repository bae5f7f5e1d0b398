"""What is kept beside the log: begun where the log is shortened, and forgotten with its project."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from alembic.script import ScriptDirectory
from typer.testing import CliRunner

from taskapi import cli
from taskapi.analytics.phases.reactions import READER
from taskapi.analytics.phases.service import forget_of_purged_projects
from taskapi.core.change_log import tail
from taskapi.core.change_log.tail import Tail
from taskapi.core.db import migrations
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.core.work.sweeps import Sweep, run_to_its_end
from tests.analytics.flow import naive
from tests.support import databases
from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import moving_clock
from tests.support.readers import read_all

FORGET = Sweep("task_phases", timedelta(hours=1), forget_of_purged_projects)


async def _live_through(client: httpx.AsyncClient, live: Factory, project: MadeProject, clock: Any) -> None:
    quiet, estimated, moved, thrown, purged = [await live.task(project, estimate=2) for _ in range(5)]
    assert quiet
    clock.pass_by(days=1)
    await client.post(f"/api/v1/tasks/{purged['id']}/complete")
    clock.pass_by(days=9)
    await client.patch(f"/api/v1/tasks/{estimated['id']}", json={"estimate": None})
    await client.post(f"/api/v1/tasks/{moved['id']}/move", json={"project": "APP"})
    await client.delete(f"/api/v1/tasks/{thrown['id']}")
    clock.pass_by(days=1)
    await client.delete(f"/api/v1/tasks/{purged['id']}?permanent=true")
    await client.patch(f"/api/v1/tasks/{estimated['id']}", json={"status": "in_progress", "estimate": 4})
    await live.task(project, status="done")
    clock.pass_by(days=1)


@pytest.mark.slow
async def test_where_the_log_was_shortened_tasks_begin_as_they_were_then(
    live: Factory, direct_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_PATIENCE", -1)
    owner = await live.user()
    web, _ = await live.project(owner, key="WEB"), await live.project(owner, key="APP")
    clock = moving_clock(monkeypatch, "2026-03-01T09:00:00Z")
    connection = await databases.connect(direct_url)
    async with live.client(owner) as client:
        await _live_through(client, live, web, clock)
        told = await naive.facts(connection)
        await connection.execute(
            """
            WITH gone AS (DELETE FROM events WHERE at < '2026-03-05' RETURNING xid, seq)
            INSERT INTO log_floor (xid, seq, at) SELECT xid, seq, '2026-03-05' FROM gone ORDER BY seq DESC LIMIT 1
            """
        )
        revisions = ScriptDirectory.from_config(migrations.config(direct_url)).walk_revisions()
        (before,) = (one.down_revision for one in revisions if one.path.endswith("task_phases.py"))
        await migrations.downgrade(direct_url, str(before))
        await migrations.upgrade(direct_url)
        # So long the sweep of another version takes nothing more away.
        assert await connection.fetchval("SELECT seq FROM consumers WHERE name = 'task_phases'") == 0
        days = naive.days(date(2026, 3, 5), date(2026, 3, 13))
        wanted = [day["burndown"] for day in naive.levels(told, web.id, days, ZoneInfo("UTC"), None)]
        for _ in ("read by the report", "read by the reader"):
            found = await client.get("/api/v1/projects/WEB/analytics/burndown", params={"from": "2026-03-05"})
            assert found.json() == {"items": wanted, "complete_since": "2026-03-05T00:00:00Z"}
            await read_all(live.app.state.parts.database, Tail(), READER)
    await connection.close()


@pytest.mark.slow
async def test_phases_are_made_anew_from_the_log(
    live: Factory, database_url: str, direct_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_PATIENCE", -1)
    # Loggers keep the stream of their first line, and this command's ends with it.
    monkeypatch.setattr(logs, "configure", lambda *_: None)

    def run() -> int:
        environment = {**databases.ways_to(database_url), "TASKAPI_DATA_DIR": str(tmp_path)}
        result = CliRunner().invoke(cli.app, ["analytics", "rebuild"], env=environment)
        if isinstance(result.exception, Refused):
            return result.exception.exit_code
        assert result.exception is None, result.exception
        return result.exit_code

    owner, database = await live.user(), live.app.state.parts.database
    web, _ = await live.project(owner, key="WEB"), await live.project(owner, key="APP")
    clock = moving_clock(monkeypatch, "2026-03-01T09:00:00Z")
    connection = await databases.connect(direct_url)
    async with live.client(owner) as client:
        await _live_through(client, live, web, clock)
        await read_all(database, Tail(), READER)
        whole = await connection.fetch("SELECT * FROM task_phases ORDER BY task_id, seq")
        await connection.execute("UPDATE task_phases SET category = 'done'")
        wrong = (await client.get("/api/v1/projects/WEB/analytics/burndown")).json()
        assert await asyncio.to_thread(run) == 0
        right = (await client.get("/api/v1/projects/WEB/analytics/burndown")).json()
        assert right != wrong
        await read_all(database, Tail(), READER)
        assert await connection.fetch("SELECT * FROM task_phases ORDER BY task_id, seq") == whole
        assert (await client.get("/api/v1/projects/WEB/analytics/burndown")).json() == right
    # What the log does not tell any more stays.
    await connection.execute("INSERT INTO log_floor (xid, seq, at) VALUES ('1', 1, now())")
    assert await asyncio.to_thread(run) == 1
    assert await connection.fetchval("SELECT count(*) FROM task_phases") == len(whole)
    await connection.close()


@pytest.mark.slow
async def test_phases_are_forgotten_with_their_project(
    live: Factory, direct_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_PATIENCE", -1)
    owner, database = await live.user(), live.app.state.parts.database
    kept, gone = await live.project(owner), await live.project(owner)
    for project in (kept, gone):
        await live.task(project)
        trashed = await live.task(project)
        async with live.client(owner) as client:
            await client.delete(f"/api/v1/tasks/{trashed['id']}")
    await read_all(database, Tail(), READER)
    connection = await databases.connect(direct_url)
    by_project = "SELECT project_id, count(*) FROM task_phases GROUP BY 1"
    assert dict(await connection.fetch(by_project)) == {kept.id: 3, gone.id: 3}
    await connection.execute("DELETE FROM tasks WHERE project_id = $1", gone.id)
    await connection.execute("DELETE FROM projects WHERE id = $1", gone.id)
    await run_to_its_end(database, FORGET)
    assert dict(await connection.fetch(by_project)) == {kept.id: 3}
    await connection.close()
