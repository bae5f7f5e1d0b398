"""The narrow tables beside `tasks`, `projects` and `comments`, held against what they are derived from."""

from typing import Any

# What each of the tables has to say, read from the tasks themselves.
DERIVED = {
    "task_recency": "SELECT project_id, updated_at, id FROM tasks",
    "task_places": "SELECT project_id, status, rank, id, created_at FROM tasks",
    "task_assignees": "SELECT DISTINCT unnest(assignee_ids), project_id, id FROM tasks",
    "task_agenda": """
        SELECT DISTINCT unnest(assignee_ids), due_first, id FROM tasks
        WHERE status_category NOT IN ('done', 'cancelled') AND deleted_at IS NULL
    """,
    "task_labels": "SELECT DISTINCT unnest(label_ids), project_id, id FROM tasks",
    "task_fields": """
        SELECT DISTINCT project_id, named.key, left(item.value, 100), id
        FROM tasks, jsonb_each(fields) AS named (key, content), jsonb_array_elements_text(
            CASE jsonb_typeof(named.content) WHEN 'array' THEN named.content ELSE jsonb_build_array(named.content) END
        ) AS item (value)
    """,
    "task_search": "SELECT id, project_id, search_document(title, description) FROM tasks",
}


# The same for the tables beside `projects` and `comments`.
OF_OTHERS = {
    "comment_search": "SELECT id, task_id, search_document(NULL, body) FROM comments",
    "project_search": "SELECT id, search_document(key || ' ' || name, description) FROM projects",
}


async def require_true(driver: Any, *only: str) -> None:
    """All of them, or `only` some where a migration has not made the others yet."""
    tables = {**DERIVED, **OF_OTHERS}
    for table in only or tables:
        kept, derived = f"SELECT * FROM {table}", tables[table]
        wrong = await driver.fetch(f"(({kept}) EXCEPT ALL ({derived})) UNION ALL (({derived}) EXCEPT ALL ({kept}))")
        assert wrong == [], table
