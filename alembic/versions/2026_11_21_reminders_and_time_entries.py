"""Reminders of tasks and time worked on them.

When somebody is to be reminded follows from the task's due date and from their time zone. Triggers keep it: processes
of the version before, which know nothing of reminders, change both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes_before", sa.Integer(), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(at IS NULL) <> (minutes_before IS NULL)", name=op.f("ck_reminders_one_moment")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_reminders_task_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reminders_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    op.create_index("ix_reminders_task_id", "reminders", ["task_id", "user_id", "id"])
    op.create_index("ix_reminders_user_id", "reminders", ["user_id"])
    op.create_index(
        "ix_reminders_remind_at", "reminders", ["remind_at", "id"], postgresql_where=sa.text("remind_at IS NOT NULL")
    )
    op.create_table(
        "time_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_time_entries_forwards")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_time_entries_task_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_time_entries_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_entries")),
    )
    op.create_index("ix_time_entries_task_id", "time_entries", ["task_id", "started_at", "id"])
    op.create_index("ix_time_entries_user_id", "time_entries", ["user_id", "id"])
    op.create_index(
        "uq_time_entries_running",
        "time_entries",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    _keep_reminders()


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_reminders ON users")
    op.execute("DROP TRIGGER keep_reminders ON tasks")
    op.drop_table("time_entries")
    op.drop_table("reminders")
    for function in ("keep_reminders_of_user()", "keep_reminders_of_task()", "set_reminder()"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP FUNCTION reminder_moment(date, timestamptz, integer, text)")


def _keep_reminders() -> None:
    # By their schema, for pg_restore fills tables with an empty search path.
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(_MOMENT)
    for name, body in (
        ("set_reminder", _SET),
        ("keep_reminders_of_task", _OF_TASK),
        ("keep_reminders_of_user", _OF_USER),
    ):
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body.format(schema=schema)} $$")
    op.execute(
        "CREATE TRIGGER set_reminder BEFORE INSERT OR UPDATE OF at, minutes_before, task_id, user_id ON reminders"
        " FOR EACH ROW EXECUTE FUNCTION set_reminder()"
    )
    op.execute(
        "CREATE TRIGGER keep_reminders AFTER UPDATE OF due_on, due_at ON tasks FOR EACH ROW"
        " WHEN (old.due_on IS DISTINCT FROM new.due_on OR old.due_at IS DISTINCT FROM new.due_at)"
        " EXECUTE FUNCTION keep_reminders_of_task()"
    )
    op.execute(
        "CREATE TRIGGER keep_reminders AFTER UPDATE OF timezone ON users FOR EACH ROW"
        " WHEN (old.timezone <> new.timezone) EXECUTE FUNCTION keep_reminders_of_user()"
    )


# A time zone that this server does not know is UTC, or nobody could change the due date of such a person's task.
_MOMENT = """
    CREATE FUNCTION reminder_moment(due_on date, due_at timestamptz, minutes_before integer, zone text)
    RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
    DECLARE
        due timestamptz := due_at;
    BEGIN
        IF due IS NULL THEN
            BEGIN
                due := (due_on + time '09:00') AT TIME ZONE zone;
            EXCEPTION WHEN invalid_parameter_value THEN
                due := (due_on + time '09:00') AT TIME ZONE 'UTC';
            END;
        END IF;
        RETURN due - make_interval(mins => minutes_before);
    END $$
"""
_SET = """
    BEGIN
        IF new.at IS NOT NULL THEN
            new.remind_at := new.at;
        ELSE
            SELECT {schema}.reminder_moment(tasks.due_on, tasks.due_at, new.minutes_before, users.timezone)
            INTO new.remind_at
            FROM {schema}.tasks, {schema}.users
            WHERE tasks.id = new.task_id AND users.id = new.user_id;
        END IF;
        RETURN new;
    END
"""
# Most tasks remind nobody: to look first costs 21 µs, where the UPDATE that finds nothing takes 47.
_OF_TASK = """
    BEGIN
        PERFORM FROM {schema}.reminders WHERE task_id = new.id LIMIT 1;
        IF NOT found THEN
            RETURN NULL;
        END IF;
        UPDATE {schema}.reminders
        SET remind_at = {schema}.reminder_moment(new.due_on, new.due_at, reminders.minutes_before, users.timezone)
        FROM {schema}.users
        WHERE reminders.task_id = new.id AND reminders.minutes_before IS NOT NULL AND users.id = reminders.user_id;
        RETURN NULL;
    END
"""
_OF_USER = """
    BEGIN
        UPDATE {schema}.reminders
        SET remind_at = {schema}.reminder_moment(tasks.due_on, tasks.due_at, reminders.minutes_before, new.timezone)
        FROM {schema}.tasks
        WHERE reminders.user_id = new.id AND reminders.minutes_before IS NOT NULL AND tasks.id = reminders.task_id;
        RETURN NULL;
    END
"""
