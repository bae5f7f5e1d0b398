"""From when to when each task was in which project and category, and with which estimate: `task_phases`."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# What the log tells of a task's row. `task.left` tells a second time what `task.moved` does.
_KINDS = """
    ('task.created', 'task.updated', 'task.moved', 'task.completed', 'task.reopened', 'task.deleted', 'task.restored',
     'task.purged')
"""


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS task_phases (
            task_id uuid NOT NULL,
            seq bigint NOT NULL,
            project_id uuid NOT NULL,
            begins_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL DEFAULT 'infinity',
            category text NOT NULL,
            estimate double precision,
            is_live boolean NOT NULL,
            CONSTRAINT pk_task_phases PRIMARY KEY (task_id, seq)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX IF NOT EXISTS ix_task_phases_project ON task_phases (project_id, ends_at)
        INCLUDE (task_id, begins_at, category, estimate, is_live)
        """
    )
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS task_phases_floor (
            is_only boolean NOT NULL DEFAULT true CONSTRAINT pk_task_phases_floor PRIMARY KEY,
            at timestamptz NOT NULL,
            CONSTRAINT ck_task_phases_floor_one_row CHECK (is_only)
        )
        """
    )
    _begin_where_the_log_does()


def _begin_where_the_log_does() -> None:
    """Where the log has been shortened, each task of before is in a first phase that is rewound from what it is now.

    The row among `consumers` keeps the sweep of the version before from taking more away until a worker reads.
    """
    op.execute("INSERT INTO task_phases_floor (at) SELECT at FROM log_floor ON CONFLICT (is_only) DO NOTHING")
    op.execute(
        "INSERT INTO consumers (name, xid, seq) SELECT 'task_phases', '0', 0 FROM log_floor"
        " ON CONFLICT (name) DO NOTHING"
    )
    op.execute(
        f"""
        INSERT INTO task_phases (task_id, seq, project_id, begins_at, category, estimate, is_live)
        SELECT known.id, 0, (was.project_id #>> '{{}}')::uuid,
            greatest((was.created_at #>> '{{}}')::timestamptz, log_floor.at), was.category #>> '{{}}',
            (was.estimate #>> '{{}}')::double precision, was.deleted_at #>> '{{}}' IS NULL
        FROM log_floor
        CROSS JOIN (
            SELECT id FROM tasks UNION SELECT subject_id FROM events WHERE kind = 'task.purged'
        ) AS known
        LEFT JOIN tasks ON tasks.id = known.id
        CROSS JOIN LATERAL (
            SELECT
                coalesce({_first("project_id")}, to_jsonb(tasks.project_id)) AS project_id,
                coalesce({_first("created_at")}, to_jsonb(tasks.created_at)) AS created_at,
                coalesce({_first("status_category")}, to_jsonb(tasks.status_category)) AS category,
                coalesce({_first("estimate")}, to_jsonb(tasks.estimate)) AS estimate,
                coalesce({_first("deleted_at")}, to_jsonb(tasks.deleted_at)) AS deleted_at
            OFFSET 0
        ) AS was
        WHERE NOT EXISTS (SELECT FROM events WHERE events.subject_id = known.id AND events.kind = 'task.created')
            AND was.category #>> '{{}}' IS NOT NULL
        ON CONFLICT (task_id, seq) DO NOTHING
        """  # noqa: S608 - of texts of ours
    )


def _first(field: str) -> str:
    """The earliest value that the log still knows of a field: what it was before its first change. JSON, or NULL."""
    return f"""(
        SELECT events.changes -> '{field}' -> 0 FROM events
        WHERE events.subject_id = known.id AND events.kind IN {_KINDS} AND events.changes ? '{field}'
        ORDER BY events.xid, events.seq LIMIT 1
    )"""  # noqa: S608 - of texts of ours


def downgrade() -> None:
    op.execute("DELETE FROM consumers WHERE name = 'task_phases'")
    op.drop_table("task_phases_floor", if_exists=True)
    op.drop_table("task_phases", if_exists=True)
