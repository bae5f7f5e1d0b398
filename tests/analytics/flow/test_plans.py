"""Reports of many tasks read the index by project alone, and of the log what its reader has yet to read."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from taskapi.analytics.flow.durations import queries as durations
from taskapi.analytics.flow.levels import queries as levels
from taskapi.analytics.period import Period
from taskapi.analytics.scope import ProjectNamed, Scope
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.statements import Statement
from taskapi.core.http.references import ById
from taskapi.models import SystemRole
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import sources
from tests.support import databases
from tests.support.databases import Template

pytestmark = pytest.mark.slow

USER, PROJECT = UUID(int=1), UUID(int=2)
TASKS = 12_000
PERIOD = Period(date(2026, 1, 5), date(2026, 3, 5), ZoneInfo("Europe/Berlin"))
# A fifth of the tasks each in one of five projects; the log's reader has read all but the last twenty facts.
_FILL = f"""
    SET session_replication_role = replica;
    INSERT INTO users (id, username, created_at, updated_at) VALUES ('{USER}', 'ann', now(), now());
    INSERT INTO projects (id, key, name, created_by, created_at, updated_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'P' || n, 'P', '{USER}', now(), now() FROM generate_series(2, 6) AS n;
    INSERT INTO members (project_id, user_id, role, joined_at) SELECT id, '{USER}', 'owner', now() FROM projects;
    INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at, updated_at,
                       completed_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(2 + n % 5), 32, '0')::uuid, n, 'Task', 'done', 'done', 'a',
           '{USER}', timestamptz '2025-01-01', now(), timestamptz '2025-01-01' + n * interval '1 hour'
    FROM generate_series(1, {TASKS}) AS n;
    INSERT INTO events (id, xid, at, actor_kind, project_id, subject_type, subject_id, kind, changes)
    SELECT gen_random_uuid(), '1', tasks.created_at, 'user', project_id, 'task', tasks.id,
           CASE k WHEN 0 THEN 'task.created' ELSE 'task.updated' END,
           jsonb_build_object('status_category', jsonb_build_array(NULL, 'started'), 'title', repeat('word ', 20))
    FROM tasks, generate_series(0, 2) AS k ORDER BY k;
    INSERT INTO task_phases (task_id, seq, project_id, begins_at, ends_at, category, is_live)
    SELECT id, 0, project_id, created_at, completed_at, 'started', true FROM tasks
    UNION ALL SELECT id, 1, project_id, completed_at, 'infinity', 'done', true FROM tasks;
    INSERT INTO consumers (name, xid, seq) SELECT 'task_phases', '1', max(seq) - 20 FROM events;
"""
# What another session of the server holds back is not marked as visible to all, and then read from the table as well.
_IS_VISIBLE = "SELECT relpages > 0 AND relallvisible = relpages FROM pg_class WHERE relname = 'task_phases'"


@pytest.fixture(scope="module")
async def filled(template: Template) -> AsyncIterator[Any]:
    async with template.cloned("phases") as url:
        connection = await databases.connect(url)
        await connection.execute(_FILL)
        async with asyncio.timeout(60):
            while not await connection.fetchval(_IS_VISIBLE):
                await connection.execute("VACUUM ANALYZE")
        yield connection
        await connection.close()


def scope(condition: str) -> Scope:
    caller = Caller(USER, SystemRole.USER)
    source = sources.of_caller(caller, Reach.MEMBER, ById(PROJECT))
    seen_from = Standpoint(utc_now(), PERIOD.zone, USER)
    return Scope(source.origin, condition, source.values, seen_from, ProjectNamed(PROJECT, "P2", "P", "points"))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


async def explained(connection: Any, statement: Statement[Any], seen: Scope) -> list[dict[str, Any]]:
    days = {"begins": PERIOD.begins, "ends": PERIOD.ends, "ends_of_days": PERIOD.ends_of_days()}
    arguments = statement.arguments(statement.taken_from({**seen.values, **days}))
    sql = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}"
    (plan,) = json.loads(await connection.fetchval(sql, *arguments))
    return list(nodes(plan["Plan"]))


@pytest.mark.parametrize("condition", ["true", "tasks.priority = 'none'"])
async def test_levels_are_read_from_the_index_by_project(condition: str, filled: Any) -> None:
    seen = scope(condition)
    plan = await explained(filled, levels.steps(seen), seen)
    read = [node for node in plan if node.get("Relation Name") == "task_phases" and node["Actual Rows"] > 100]
    assert [(node["Node Type"], node["Index Name"]) for node in read] == [("Index Only Scan", "ix_task_phases_project")]
    # What ended before these days is not looked at.
    assert read[0]["Actual Rows"] + read[0].get("Rows Removed by Filter", 0) < 2 * TASKS / 5
    assert _read_of_the_log(plan) <= 2 * 20


async def test_cycle_times_look_each_done_task_up_and_read_as_little_of_the_log(filled: Any) -> None:
    seen = scope("true")
    plan = await explained(filled, durations.since_started(seen), seen)
    read = [node for node in plan if node.get("Relation Name") == "task_phases" and node["Actual Rows"]]
    assert {node["Index Name"] for node in read} == {"pk_task_phases"}
    assert _read_of_the_log(plan) <= 2 * 20


def _read_of_the_log(plan: list[dict[str, Any]]) -> float:
    """Rows of `events` that were looked at: once to find the tasks, and once what is told of them."""
    of_events = [node for node in plan if node.get("Relation Name") == "events"]
    assert "Seq Scan" not in {node["Node Type"] for node in of_events}
    looked_at: list[float] = [
        node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) for node in of_events
    ]
    return sum(looked_at)
