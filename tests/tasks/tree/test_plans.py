"""What hangs below a task is looked up by its index, however many other tasks there are."""

from typing import Any
from uuid import uuid4

import pytest

from taskapi.core.db.statements import Statement
from taskapi.tasks.links import queries as links
from taskapi.tasks.tree import queries as tree
from tests.support.factory import MadeProject

_FILL = """
    INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at, updated_at)
    SELECT gen_random_uuid(), $1, n, 'Task', 'todo', 'unstarted', lpad(n::text, 10, '0'), $2, now(), now()
    FROM generate_series(1, 1500) AS n
"""
_HANG = """
    UPDATE tasks AS child SET parent_id = parent.id
    FROM tasks AS parent
    WHERE parent.number % 10 = 0 AND parent.number = child.number / 10 * 10 AND child.id <> parent.id
"""
_LINK = """
    INSERT INTO task_links (id, source_id, target_id, type, created_at)
    SELECT gen_random_uuid(), parent_id, id, 'blocks', now() FROM tasks WHERE parent_id IS NOT NULL
"""


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        (tree.ALL_LIVING_BELOW, "tasks"),
        (tree.LIVING_BELOW, "tasks"),
        (tree.TRASHED_BELOW, "tasks"),
        (tree.LEVELS, "tasks"),
        (tree.ANCESTORS, "tasks"),
        (links.WALK, "task_links"),
    ],
    ids=["all living", "living", "trashed", "levels", "ancestors", "blocked"],
)
async def test_no_walk_reads_everything(statement: Statement[Any], table: str, web: MadeProject, tables: Any) -> None:
    await tables.execute(_FILL, web.id, web.owner.id)
    await tables.execute(_HANG)
    await tables.execute(_LINK)
    await tables.execute("ANALYZE tasks, task_links")
    child = await tables.fetchval("SELECT id FROM tasks WHERE number = 700")
    values = {
        "of_task": child,
        "task_id": child,
        "target_id": child,
        "source_id": uuid4(),
        "project_id": web.id,
        "project_key": "WEB",
        "stamp": None,
    }
    arguments = statement.arguments(statement.taken_from(values))
    plan = "\n".join(row[0] for row in await tables.fetch(f"EXPLAIN {statement.sql}", *arguments))
    assert f"Seq Scan on {table}" not in plan, plan
    assert "Index" in plan
