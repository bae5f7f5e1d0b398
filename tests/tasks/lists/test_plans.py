"""The hot lists walk the index that is made for them, and read no more of it than a page."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.db.statements import Statement
from taskapi.core.http.references import ById
from taskapi.core.lists import sorting
from taskapi.core.lists.paging import PageRow, Slice
from taskapi.core.lists.sources import Source
from taskapi.models import SystemRole
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.parameters import filter_of
from taskapi.tasks.filters.schemas import TaskFilter
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import sources, statements
from taskapi.tasks.lists.access_paths import AGENDA, DIRECT, access_path, agenda
from taskapi.tasks.lists.shapes import shape_of
from tests.support import databases
from tests.support.databases import Template

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 10, tzinfo=UTC)
USER, PROJECT = UUID(int=1), UUID(int=2)
TASKS = 20_000
_FILL = f"""
    INSERT INTO users (id, username, created_at, updated_at) VALUES ('{USER}', 'ann', now(), now());
    INSERT INTO projects (id, key, name, created_by, created_at, updated_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'P' || n, 'P', '{USER}', now(), now() FROM generate_series(2, 6) AS n;
    INSERT INTO members (project_id, user_id, role, joined_at) SELECT id, '{USER}', 'owner', now() FROM projects;
    INSERT INTO statuses (id, project_id, key, name, category, position)
    SELECT gen_random_uuid(), projects.id, statuses.key, statuses.key, statuses.category, statuses.position
    FROM projects, (VALUES ('todo', 'unstarted', 1), ('done', 'done', 2)) AS statuses (key, category, position);
    INSERT INTO tasks (id, project_id, number, title, status, status_category, due_on, rank, assignee_ids,
                       created_by, created_at, updated_at)
    SELECT gen_random_uuid(), lpad(to_hex(2 + n % 5), 32, '0')::uuid, n, 'Task ' || n,
           CASE n % 4 WHEN 0 THEN 'todo' ELSE 'done' END, CASE n % 4 WHEN 0 THEN 'unstarted' ELSE 'done' END,
           date '2026-01-01' + n % 365, lpad(n::text, 10, '0'),
           CASE n % 500 WHEN 0 THEN ARRAY['{USER}'::uuid] ELSE '{{}}' END, '{USER}',
           timestamptz '2026-01-01' + n * interval '1 minute', now()
    FROM generate_series(1, {TASKS}) AS n;
"""


@pytest.fixture(scope="module")
async def filled(template: Template) -> AsyncIterator[Any]:
    """Enough tasks in one of five projects that a planner cares."""
    async with template.cloned("plans") as url:
        connection = await databases.connect(url)
        await connection.execute(_FILL)
        await connection.execute("VACUUM ANALYZE")
        yield connection
        await connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


async def explained(connection: Any, statement: Statement[Any], values: dict[str, object]) -> list[dict[str, Any]]:
    sql = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}"
    (plan,) = json.loads(await connection.fetchval(sql, *statement.arguments(values)))
    return list(nodes(plan["Plan"]))


def page_of(params: TaskFilter, source: Source) -> tuple[Statement[PageRow], dict[str, object]]:
    tree, sort = filter_of(params, Standpoint(NOW, ZoneInfo("UTC"), USER)), params.sort or "rank"
    path = access_path(tree, sorting.parse(sort))
    condition = compiled(tree, path.fields)
    statement = statements.page(shape_of(params, path, condition.sql, sort), source.origin)
    return statement, {**condition.values, **source.values}


@pytest.mark.parametrize("project", [PROJECT, None])
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"sort": "rank"}, "ix_tasks_rank"),
        ({"sort": "-created_at"}, "ix_tasks_created"),
        ({"sort": "due"}, "ix_tasks_due"),
        ({"sort": "due", "due_before": "2026-06-01"}, "ix_tasks_due"),
        ({"sort": "due", "due_after": "2026-06-01"}, "ix_tasks_due"),
        ({"sort": "-created_at", "open": True}, "ix_tasks_created"),
        ({"sort": "rank", "overdue": False}, "ix_tasks_rank"),
        ({"sort": "rank", "status": ["todo", "done"]}, "ix_tasks_rank"),
        ({"sort": "-updated_at"}, "pk_task_recency"),
        ({"sort": "updated_at"}, "pk_task_recency"),
        ({"sort": "rank", "status": ["todo"]}, "pk_task_places"),
        ({"sort": "-created_at", "status": ["todo"]}, "ix_task_places_created"),
    ],
)
async def test_a_page_is_read_from_its_index(
    asked: dict[str, Any], index: str, project: UUID | None, filled: Any
) -> None:
    params = TaskFilter.model_validate(asked)
    caller = Caller(USER, SystemRole.USER)
    source = sources.of_caller(caller, Reach.MEMBER, None if project is None else ById(project))
    statement, values = page_of(params, source)
    plan = await explained(filled, statement, values)
    (walk,) = [node for node in plan if node.get("Index Name") == index]
    assert walk["Actual Rows"] <= params.rows + 1
    assert not [node for node in plan if node.get("Node Type") == "Seq Scan" and "task" in node["Relation Name"]]


async def test_what_is_open_of_me_everywhere_is_read_along_the_agenda(filled: Any) -> None:
    caller = Caller(USER, SystemRole.USER)
    params = TaskFilter(assignee=["me"], open=True, limit=10)
    tree = agenda(filter_of(params, Standpoint(NOW, ZoneInfo("UTC"), USER)), sorting.parse("due"), USER)
    assert tree is not None
    condition = compiled(tree, AGENDA.fields)
    source = sources.of_caller(caller, Reach.MEMBER, None)
    assert source.origin.is_everywhere
    statement = statements.page(shape_of(params, AGENDA, condition.sql, "due"), source.origin)
    plan = await explained(filled, statement, {**condition.values, **source.values})
    reads = {node["Relation Name"] for node in plan if "Relation Name" in node}
    assert reads == {"task_agenda", "tasks", "members", "projects"}
    (found,) = [node for node in plan if node.get("Relation Name") == "tasks"]
    assert found["Index Name"] == "pk_tasks"
    assert found["Actual Loops"] <= TASKS / 500


async def test_the_page_after_a_cursor_begins_where_the_last_one_ended(filled: Any) -> None:
    params = TaskFilter(sort="-created_at").going_on(
        Slice([{"body": "", "position_0": "2026-01-10 00:00:00+00", "position_1": str(UUID(int=0))}], has_more=True)  # type: ignore[typeddict-unknown-key]
    )
    source = sources.of_caller(Caller(USER, SystemRole.USER), Reach.MEMBER, ById(PROJECT))
    statement = statements.page(shape_of(params, DIRECT, "true", "-created_at"), source.origin)
    plan = await explained(filled, statement, {**source.values, **params.after})
    (walk,) = [node for node in plan if node.get("Relation Name") == "tasks"]
    assert walk["Index Name"] == "ix_tasks_created"
    assert "ROW(" in walk["Index Cond"]
    assert walk.get("Rows Removed by Filter", 0) == 0


async def test_a_count_ends_where_it_is_told_to(filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MAX_COUNTED", 100)
    source = sources.of_caller(Caller(USER, SystemRole.USER), Reach.MEMBER, ById(PROJECT))
    statement = statements.count.__wrapped__(DIRECT, "true", source.origin)
    plan = await explained(filled, statement, dict(source.values))
    (walk,) = [node for node in plan if node.get("Relation Name") == "tasks"]
    assert walk["Actual Rows"] == 101
