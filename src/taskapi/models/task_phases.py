"""How tasks went through their categories, as the change log tells it; kept by a reader of the log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class TaskPhase(Base):
    """From when to when a task was in one project and one category, with one estimate.

    No foreign keys: what a task was stays when it is purged, and a sweep takes what is left of purged projects.
    """

    __tablename__ = "task_phases"

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Of the fact that began it; 0 where that is gone from the log."""
    project_id: Mapped[UUID]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(server_default=text("'infinity'::timestamptz"))
    """Infinity: it goes on."""
    category: Mapped[str]
    estimate: Mapped[float | None]
    is_live: Mapped[bool]
    """Not in the trash."""

    __table_args__ = (
        # Reports read nothing but this index: what has gone on since the first of their days, and what ended later.
        Index(
            "ix_task_phases_project",
            "project_id",
            "ends_at",
            postgresql_include=["task_id", "begins_at", "category", "estimate", "is_live"],
        ),
    )


class TaskPhasesFloor(Base):
    """One row where the log was shortened before the phases were read from it: from when on they are complete."""

    __tablename__ = "task_phases_floor"

    is_only: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("is_only", name="one_row"),)
