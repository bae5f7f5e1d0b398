"""The order of the titles that tasks had before; new ones get theirs by a trigger.

A revision of its own, in small steps: nobody waits for it, and it can be stopped and begun again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FILL = sa.text("""
    WITH batch AS (SELECT id FROM tasks WHERE id > :last ORDER BY id LIMIT 2000),
    filled AS (UPDATE tasks SET title_order = reading_order(title) FROM batch WHERE tasks.id = batch.id)
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
""").bindparams(sa.bindparam("last", type_=sa.Uuid(as_uuid=False)))


def upgrade() -> None:
    with op.get_context().autocommit_block():
        last = "00000000-0000-0000-0000-000000000000"
        while last is not None:
            last = op.get_bind().scalar(FILL, {"last": last})


def downgrade() -> None:
    pass
