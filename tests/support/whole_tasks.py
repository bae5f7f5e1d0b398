"""What is true of all tasks together at every moment, whatever was done to them: asked of the tables."""

from typing import Any

from tests.support.beside_tasks import require_true

_DEEPEST = 5
# Each finds what is wrong; none finds anything.
_WRONG = {
    "completed exactly while its status is closed": """
        SELECT t.id FROM tasks t JOIN statuses s ON s.project_id = t.project_id AND s.key = t.status
        WHERE (t.completed_at IS NOT NULL) <> (s.category IN ('done', 'cancelled')) OR s.category <> t.status_category
    """,
    "a rank is one task's in its project": """
        SELECT min(id::text)::uuid FROM tasks GROUP BY project_id, rank HAVING count(*) > 1
    """,
    "a number is one task's, and no greater than the counter": """
        SELECT min(t.id::text)::uuid FROM tasks t JOIN project_counters c USING (project_id)
        GROUP BY t.project_id, t.number HAVING count(*) > 1 OR max(t.number) > min(c.last_number)
    """,
    "a former number is no task's now, and one that was given": """
        SELECT f.task_id FROM former_task_keys f JOIN project_counters c USING (project_id)
        WHERE f.number > c.last_number
        OR EXISTS (SELECT FROM tasks t WHERE t.project_id = f.project_id AND t.number = f.number)
    """,
    "a parent is in the same project": """
        SELECT t.id FROM tasks t JOIN tasks parent ON parent.id = t.parent_id WHERE parent.project_id <> t.project_id
    """,
    "no task is below itself, or deeper than we take": f"""
        WITH RECURSIVE above AS (
            SELECT id, parent_id, 0 AS levels FROM tasks
            UNION ALL
            SELECT above.id, t.parent_id, levels + 1 FROM above JOIN tasks t ON t.id = above.parent_id
            WHERE levels <= {_DEEPEST}
        ) SELECT id FROM above WHERE levels > {_DEEPEST}
    """,
    "no tasks block each other in a circle": """
        WITH RECURSIVE blocked AS (
            SELECT source_id, target_id FROM task_links WHERE type = 'blocks'
            UNION
            SELECT b.source_id, l.target_id FROM blocked b
            JOIN task_links l ON l.source_id = b.target_id AND l.type = 'blocks'
        ) SELECT source_id FROM blocked WHERE source_id = target_id
    """,
    "a checklist has no gaps": """
        SELECT task_id FROM checklist_items GROUP BY task_id
        HAVING min(position) <> 0 OR max(position) <> count(*) - 1 OR count(DISTINCT position) <> count(*)
    """,
    "labels and custom fields are of the project, assignees members of it": """
        SELECT t.id FROM tasks t WHERE
        EXISTS (SELECT FROM unnest(t.label_ids) AS l (id) WHERE NOT EXISTS (
            SELECT FROM labels WHERE labels.id = l.id AND labels.project_id = t.project_id))
        OR EXISTS (SELECT FROM jsonb_object_keys(t.fields) AS f (key) WHERE NOT EXISTS (
            SELECT FROM fields WHERE fields.key = f.key AND fields.project_id = t.project_id))
        OR EXISTS (SELECT FROM unnest(t.assignee_ids) AS a (id) WHERE NOT EXISTS (
            SELECT FROM members WHERE members.user_id = a.id AND members.project_id = t.project_id))
    """,
    "who works has one timer": """
        SELECT min(task_id::text)::uuid FROM time_entries WHERE ended_at IS NULL GROUP BY user_id HAVING count(*) > 1
    """,
}
_ASKED = " UNION ALL ".join(
    f"SELECT '{name.replace(chr(39), chr(39) * 2)}' AS rule, found.id FROM ({sql}) AS found (id)"
    for name, sql in _WRONG.items()
)


async def require_whole(tables: Any) -> None:
    """And what stands beside the tasks is what they say."""
    broken = [(row["rule"], str(row["id"])) for row in await tables.fetch(_ASKED)]
    assert broken == []
    await require_true(tables)
