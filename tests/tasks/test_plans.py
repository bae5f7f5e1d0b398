"""The lists that are opened most are read from an index that has their order, whatever the size of the project."""

import re
from typing import Any

import pytest

from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.http.references import ById
from taskapi.models import SystemRole
from taskapi.tasks import listing
from taskapi.tasks.schemas import TaskFilter
from tests.support.factory import MadeProject

MANY = """
    INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at, updated_at,
                       due_on, assignee_ids)
    SELECT uuidv7(), $1, n, 'T', statuses.key, category, lpad(n::text, 10, '0'), $2, now() - n * interval '1 h',
           now() - n * interval '1 min', '2026-01-01'::date + n,
           CASE WHEN n % 100 = 0 THEN ARRAY[$2::uuid] ELSE '{}' END
    FROM generate_series(1, 3000) AS n
    JOIN statuses ON project_id = $1 AND key = CASE WHEN n % 10 = 0 THEN 'todo' ELSE 'done' END
"""


@pytest.fixture
async def many(web: MadeProject, tables: Any) -> MadeProject:
    await tables.execute(MANY, web.id, web.owner.id)
    await tables.execute("ANALYZE tasks, task_recency, task_places, task_assignees, task_search, members, projects")
    return web


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "ix_tasks_rank"),
        ({"sort": "-rank"}, "ix_tasks_rank"),
        ({"sort": "-created_at"}, "ix_tasks_created"),
        ({"sort": "created_at"}, "ix_tasks_created"),
        ({"sort": "due"}, "ix_tasks_due"),
        ({"sort": "-due"}, "ix_tasks_due_descending"),
        ({"sort": "-updated_at"}, "pk_task_recency"),
        ({"sort": "updated_at"}, "pk_task_recency"),
        ({"status": ["todo"]}, "pk_task_places"),
        ({"status": ["todo"], "sort": "-created_at"}, "ix_task_places_created"),
    ],
)
async def test_a_page_is_walked_in_the_order_of_its_index(
    query: dict[str, Any], index: str, many: MadeProject, tables: Any
) -> None:
    """One sort is right, which merges a page of each project; a second one would have read the whole project."""
    steps = await plan(tables, many, query)
    assert re.search(rf"using {index} ", steps), steps
    assert steps.count("Sort Key") == 1, steps


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"assignee": ["me"]}, "pk_task_assignees"),
        ({"updated_since": "2026-11-21T00:00:00Z"}, "pk_task_recency"),
        ({"q": "boiler"}, "ix_task_search_document"),
    ],
)
async def test_what_few_tasks_are_found_by_has_an_index(
    query: dict[str, Any], index: str, many: MadeProject, tables: Any
) -> None:
    steps = await plan(tables, many, query)
    assert re.search(rf"(using|Index Scan on) {index}( |$)", steps, re.MULTILINE), steps


async def plan(tables: Any, project: MadeProject, query: dict[str, Any]) -> str:
    params, reference = TaskFilter.model_validate(query), ById(project.id)
    statement = listing.page(listing.shape_of(params, reference, Reach.MEMBER, default_sort="rank"))
    values = listing.values(params, Caller(project.owner.id, SystemRole.USER), reference)
    arguments = statement.arguments(statement.taken_from({"offset": 0} | values))
    # As in a large project: so few rows are read, hashed and sorted as quickly.
    for quick_with_few in ("seqscan", "hashjoin", "mergejoin"):
        await tables.execute(f"SET LOCAL enable_{quick_with_few} = off")
    return "\n".join(row[0] for row in await tables.fetch(f"EXPLAIN (COSTS OFF) {statement.sql}", *arguments))
