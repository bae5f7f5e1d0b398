"""Time entries: who worked on which task from when to when. One without an end is a timer that runs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class TimeEntry(Base):
    __tablename__ = "time_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("ended_at >= started_at", name="forwards"),
        Index("ix_time_entries_task_id", "task_id", "started_at", "id"),
        Index("ix_time_entries_user_id", "user_id", "id"),
        # One timer for each person.
        Index("uq_time_entries_running", "user_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )
