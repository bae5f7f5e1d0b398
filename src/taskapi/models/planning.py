"""What the tasks of a project are planned by: milestones, which are aims, and cycles, which are spans of days."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Milestone(Base):
    __tablename__ = "milestones"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str | None]
    due_on: Mapped[date | None]
    closed: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        # What tasks refer to.
        UniqueConstraint("project_id", "id"),
        # A task that moves finds its milestone in the other project by this.
        Index("uq_milestones_name", "project_id", text("lower(name)"), unique=True),
    )


class Cycle(Base):
    """Those of a project do not overlap: whoever writes one holds the project."""

    __tablename__ = "cycles"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="days"),
        # What tasks refer to.
        UniqueConstraint("project_id", "id"),
        Index("ix_cycles_starts_on", "project_id", "starts_on"),
    )
