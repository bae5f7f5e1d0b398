"""Statuses that clients make, order and remove: no two in one place, and none that rewrites its tasks by itself."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_COLUMNS = ["project_id", "status", "status_category"]
_REFERS_TO = ["project_id", "key", "category"]


def upgrade() -> None:
    op.create_unique_constraint(
        "uq_statuses_position", "statuses", ["project_id", "position"], deferrable=True, initially="IMMEDIATE"
    )
    _refer_to_statuses(onupdate=None)


def downgrade() -> None:
    _refer_to_statuses(onupdate="CASCADE")
    op.drop_constraint("uq_statuses_position", "statuses")


def _refer_to_statuses(onupdate: str | None) -> None:
    """Checked after it holds for what is written from now on, so that nobody waits for a walk through all tasks."""
    op.drop_constraint("fk_tasks_status", "tasks")
    op.create_foreign_key(
        "fk_tasks_status", "tasks", "statuses", _COLUMNS, _REFERS_TO, onupdate=onupdate, postgresql_not_valid=True
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE tasks VALIDATE CONSTRAINT fk_tasks_status")
