"""The audit: security events are found by their time, and a chain of hashes is kept over the change log."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

EVERYDAY = (
    *("task", "link", "checklist_item", "time_entry"),
    *("comment", "reaction", "watcher", "reminder"),
)


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS seals (
            number bigint NOT NULL CONSTRAINT pk_seals PRIMARY KEY,
            first_xid xid8 NOT NULL,
            first_seq bigint NOT NULL,
            last_xid xid8 NOT NULL,
            last_seq bigint NOT NULL,
            sealed_at timestamptz NOT NULL,
            entries bytea NOT NULL,
            previous bytea NOT NULL,
            hash bytea NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS sealed_names (
            event_id uuid NOT NULL CONSTRAINT pk_sealed_names PRIMARY KEY,
            salt bytea,
            digest bytea NOT NULL
        )
        """
    )
    # Digests do not get smaller, and trying would cost time.
    op.execute("ALTER TABLE seals ALTER COLUMN entries SET STORAGE EXTERNAL")
    # The log is the largest table: building this index must not stop anybody from writing to it.
    with op.get_context().autocommit_block():
        # One that a broken build left behind is invalid, and stands in the way of the next attempt.
        op.drop_index("ix_events_audit", table_name="events", postgresql_concurrently=True, if_exists=True)
        names = ", ".join(f"'{name}'" for name in EVERYDAY)
        op.create_index(
            "ix_events_audit",
            "events",
            ["at", "id", "kind"],
            postgresql_where=sa.text(f"subject_type NOT IN ({names})"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_events_audit", table_name="events", postgresql_concurrently=True, if_exists=True)
    op.drop_table("sealed_names", if_exists=True)
    op.drop_table("seals", if_exists=True)
    # Begun again after an upgrade, the chain begins anew.
    op.execute("DELETE FROM consumers WHERE name = 'seals'")
