"""What people are told of, how they want to be told, and which reminders have been sent."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS notifications (
        id uuid NOT NULL CONSTRAINT pk_notifications PRIMARY KEY,
        user_id uuid NOT NULL,
        kind text NOT NULL,
        project_id uuid NOT NULL,
        task_id uuid,
        comment_id uuid,
        invitation_id uuid,
        actor_id uuid,
        created_at timestamptz NOT NULL,
        read_at timestamptz,
        in_app boolean NOT NULL,
        mailing text NOT NULL CONSTRAINT ck_notifications_mailing CHECK (mailing IN ('now', 'digest', 'off')),
        mail_at timestamptz,
        mail_id uuid
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS notification_preferences (
        user_id uuid NOT NULL CONSTRAINT pk_notification_preferences PRIMARY KEY,
        kinds jsonb NOT NULL DEFAULT '{}'::jsonb,
        quiet_from time,
        quiet_to time,
        daily_hour integer
            CONSTRAINT ck_notification_preferences_daily_hour CHECK (daily_hour BETWEEN 0 AND 23),
        version integer NOT NULL DEFAULT 1,
        CONSTRAINT ck_notification_preferences_quiet_hours CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS due_notices (
        task_id uuid NOT NULL,
        user_id uuid NOT NULL,
        due timestamptz NOT NULL,
        kind text NOT NULL,
        CONSTRAINT pk_due_notices PRIMARY KEY (task_id, user_id)
    )
    """,
)
INDEXES = (
    "ix_notifications_inbox ON notifications (user_id, created_at, id)",
    "ix_notifications_unread ON notifications (user_id, created_at, id) WHERE in_app AND read_at IS NULL",
    "ix_notifications_mail_at ON notifications (mail_at) WHERE mail_at IS NOT NULL AND mail_id IS NULL",
    "ix_notifications_unsent ON notifications (user_id) WHERE mail_at IS NOT NULL",
    "ix_notifications_created_at ON notifications USING brin (created_at)",
)
# A time zone that this server does not know is UTC, as it is for reminders.
KNOWN_ZONE = """
    CREATE OR REPLACE FUNCTION known_zone(zone text) RETURNS text LANGUAGE plpgsql STABLE AS $$
    BEGIN
        PERFORM now() AT TIME ZONE zone;
        RETURN zone;
    EXCEPTION WHEN invalid_parameter_value THEN
        RETURN 'UTC';
    END $$
"""
# Nobody was ever reminded: what lies behind counts as done, or everybody would be told of all of it at once.
SETTLE = sa.text("""
    WITH batch AS (SELECT id FROM reminders WHERE id > :last AND remind_at < now() ORDER BY id LIMIT 2000),
    settled AS (UPDATE reminders SET reminded_for = remind_at FROM batch WHERE reminders.id = batch.id)
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
""").bindparams(sa.bindparam("last", type_=sa.Uuid(as_uuid=False)))


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
    for index in INDEXES:
        op.execute(f"CREATE INDEX IF NOT EXISTS {index}")
    op.execute(KNOWN_ZONE)
    op.execute("ALTER TABLE reminders ADD COLUMN IF NOT EXISTS reminded_for timestamptz")
    with op.get_context().autocommit_block():
        last: str | None = "00000000-0000-0000-0000-000000000000"
        while last is not None:
            last = op.get_bind().scalar(SETTLE, {"last": last})
        # One that was interrupted is there, and of no use.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_reminders_waiting")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_reminders_waiting ON reminders (remind_at, id)"
            " WHERE remind_at IS NOT NULL AND remind_at IS DISTINCT FROM reminded_for"
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_reminders_remind_at")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_reminders_remind_at")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_reminders_remind_at ON reminders (remind_at, id) WHERE remind_at IS NOT NULL"
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_reminders_waiting")
    op.execute("ALTER TABLE reminders DROP COLUMN IF EXISTS reminded_for")
    op.execute("DROP FUNCTION IF EXISTS known_zone(text)")
    for table in ("due_notices", "notification_preferences", "notifications"):
        op.execute(f"DROP TABLE IF EXISTS {table}")
