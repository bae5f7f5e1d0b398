"""Tasks.

A task carries its status by key and category, kept true by a cascading foreign key: reading fifty joins nothing.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Priority(StrEnum):
    """How pressing a task is, from the least to the most."""

    # PostgreSQL sorts an enum in the order of its declaration.

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


# A sort key is never null, so that a keyset page is one row comparison: what has no due date sorts last both ways.
_DUE = "coalesce(due_at, due_on::timestamp AT TIME ZONE 'UTC', '{}infinity'::timestamptz)"
_SEARCH = (
    "setweight(to_tsvector('english'::regconfig, title), 'A')"
    " || setweight(to_tsvector('english'::regconfig, coalesce(description, '')), 'B')"
)
_LIVE = text("deleted_at IS NULL")


class Task(Base):
    __tablename__ = "tasks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str]
    description: Mapped[str | None]
    status: Mapped[str]
    status_category: Mapped[str]
    priority: Mapped[str] = mapped_column(
        Enum(*(priority.value for priority in Priority), name="task_priority"),
        server_default=text("'none'::task_priority"),
    )
    start_on: Mapped[date | None]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    estimate: Mapped[float | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"))
    rank: Mapped[str] = mapped_column(Text(collation="C"))
    assignee_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'::uuid[]"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    due_first: Mapped[datetime] = mapped_column(Computed(_DUE.format(""), persisted=True))
    due_last: Mapped[datetime] = mapped_column(Computed(_DUE.format("-"), persisted=True))
    search: Mapped[Any] = mapped_column(TSVECTOR, Computed(_SEARCH, persisted=True))

    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("due_on IS NULL OR due_at IS NULL", name="one_due"),
        ForeignKeyConstraint(
            ["project_id", "status", "status_category"],
            ["statuses.project_id", "statuses.key", "statuses.category"],
            name="fk_tasks_status",
            onupdate="CASCADE",
        ),
        # One index a sort, ending in the id; the three that boards and lists filter by status have a second one.
        Index("ix_tasks_created", "project_id", "created_at", "id", postgresql_where=_LIVE),
        Index("ix_tasks_updated", "project_id", "updated_at", "id", postgresql_where=_LIVE),
        Index("ix_tasks_due", "project_id", "due_first", "id", postgresql_where=_LIVE),
        Index("ix_tasks_due_descending", "project_id", "due_last", "id", postgresql_where=_LIVE),
        Index("ix_tasks_priority", "project_id", "priority", "id", postgresql_where=_LIVE),
        Index("ix_tasks_title", "project_id", "title", "id", postgresql_where=_LIVE),
        Index("ix_tasks_rank", "project_id", "rank", "id", postgresql_where=_LIVE),
        Index("ix_tasks_status_created", "project_id", "status", "created_at", "id", postgresql_where=_LIVE),
        Index("ix_tasks_status_due", "project_id", "status", "due_first", "id", postgresql_where=_LIVE),
        Index("ix_tasks_status_rank", "project_id", "status", "rank", "id", postgresql_where=_LIVE),
        Index("ix_tasks_assignees", "assignee_ids", postgresql_using="gin", postgresql_where=_LIVE),
        Index("ix_tasks_search", "search", postgresql_using="gin", postgresql_where=_LIVE),
        Index("ix_tasks_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_tasks_created_by", "created_by"),
        Index("ix_tasks_trash", "project_id", "deleted_at", "id", postgresql_where=text("deleted_at IS NOT NULL")),
    )
