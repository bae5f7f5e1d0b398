"""Tasks, and what is derived from them for search and recency.

A task carries its status by key and category, kept true by a foreign key: reading fifty joins nothing. A key never
changes, and a category only while no task has it.

A change that touches no indexed column is a HOT update: PostgreSQL writes the new version of the row beside the old
one, and no index gets an entry. So the indexes here are few, and what else lists find tasks by stands in narrow
tables: when a task was last changed, its place on the board, who is assigned and what is open of whom, its labels, its
search document.
Triggers of the database keep them, so that no statement that writes a task can forget them. docs/design.md has the
numbers.
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
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
_LIVE = text("deleted_at IS NULL")


class Task(Base):
    __tablename__ = "tasks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str]
    description: Mapped[str | None]
    mentions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'::uuid[]"))
    """The members whom the description names, as its project had them when it was written."""
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
    label_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'::uuid[]"))
    milestone_id: Mapped[UUID | None]
    cycle_id: Mapped[UUID | None]
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    due_first: Mapped[datetime] = mapped_column(Computed(_DUE.format(""), persisted=True))
    due_last: Mapped[datetime] = mapped_column(Computed(_DUE.format("-"), persisted=True))
    title_order: Mapped[str] = mapped_column(Text(collation="C"), server_default="")
    """`reading_order(title)`, set by a trigger."""
    recurrence: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("due_on IS NULL OR due_at IS NULL", name="one_due"),
        ForeignKeyConstraint(
            ["project_id", "status", "status_category"],
            ["statuses.project_id", "statuses.key", "statuses.category"],
            name="fk_tasks_status",
        ),
        # With the project, so that a task is never in a milestone or a cycle of another one. Where there is none,
        # nothing is looked up.
        ForeignKeyConstraint(
            ["project_id", "milestone_id"], ["milestones.project_id", "milestones.id"], name="fk_tasks_milestone"
        ),
        ForeignKeyConstraint(["project_id", "cycle_id"], ["cycles.project_id", "cycles.id"], name="fk_tasks_cycle"),
        # An index for each order that lists open in, ending in the id. By title and priority a project is sorted when
        # it is asked for; each further index would be written by every change that touches any of these.
        Index("ix_tasks_created", "project_id", "created_at", "id", postgresql_where=_LIVE),
        Index("ix_tasks_due", "project_id", "due_first", "id", postgresql_where=_LIVE),
        Index("ix_tasks_due_descending", "project_id", "due_last", "id", postgresql_where=_LIVE),
        Index("ix_tasks_rank", "project_id", "rank", "id", postgresql_where=_LIVE),
        Index("ix_tasks_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        # Of tasks that have one, and written by no change but of these columns.
        Index("ix_tasks_milestone", "milestone_id", postgresql_where=text("milestone_id IS NOT NULL")),
        Index("ix_tasks_cycle", "cycle_id", postgresql_where=text("cycle_id IS NOT NULL")),
        Index("ix_tasks_trash", "project_id", "deleted_at", "id", postgresql_where=text("deleted_at IS NOT NULL")),
        # Room on each page for the next versions of its rows; without it they go elsewhere, and every index with them.
        {"postgresql_with": {"fillfactor": "85"}},
    )


class TaskRecency(Base):
    """When each task was last changed, in the order of it; kept by a trigger."""

    __tablename__ = "task_recency"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    updated_at: Mapped[datetime] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)


class TaskPlace(Base):
    """Where each task stands on the board: the tasks of a status, by rank and by age; kept by a trigger."""

    __tablename__ = "task_places"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_task_places_created", "project_id", "status", "created_at", "task_id"),)


class TaskAssignee(Base):
    """Who is assigned to what, as `Task.assignee_ids` says it; kept by a trigger."""

    __tablename__ = "task_assignees"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)


class TaskAgenda(Base):
    """What is open of whom, in the order in which it is due; kept by a trigger."""

    __tablename__ = "task_agenda"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_first: Mapped[datetime] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)


class TaskLabel(Base):
    """Which tasks have a label, as `Task.label_ids` says it; kept by triggers."""

    __tablename__ = "task_labels"

    label_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)


class TaskSearch(Base):
    """What full text search reads of a task; kept by a trigger, which writes when title or description change."""

    __tablename__ = "task_search"

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID]
    document: Mapped[object] = mapped_column(TSVECTOR)

    __table_args__ = (Index("ix_task_search_document", "document", postgresql_using="gin"),)
