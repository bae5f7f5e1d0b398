"""Reminders: when somebody wants to be told of a task.

A reminder before the due date moves with it. `remind_at` is kept by triggers of reminders, tasks and users, so that
whatever changes a due date or somebody's time zone, and whichever version of the service does, it stays true.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Reminder(Base):
    __tablename__ = "reminders"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    at: Mapped[datetime | None]
    minutes_before: Mapped[int | None]
    remind_at: Mapped[datetime | None]
    """Set by a trigger; null while there is no due date that it could be before."""
    reminded_for: Mapped[datetime | None]
    """The `remind_at` for which its person was reminded; another one is yet to come."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("(at IS NULL) <> (minutes_before IS NULL)", name="one_moment"),
        Index("ix_reminders_task_id", "task_id", "user_id", "id"),
        Index("ix_reminders_user_id", "user_id"),
        # What is yet to be sent, so that who looks for it every few seconds does not pass by what was.
        Index(
            "ix_reminders_waiting",
            *("remind_at", "id"),
            postgresql_where=text("remind_at IS NOT NULL AND remind_at IS DISTINCT FROM reminded_for"),
        ),
    )
