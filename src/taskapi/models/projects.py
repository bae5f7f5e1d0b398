"""Projects, who is in them, their columns, and the counter that numbers their tasks."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class ProjectRole(StrEnum):
    """What a member may do in a project, from the least to the most."""

    VIEWER = "viewer"
    COMMENTER = "commenter"
    EDITOR = "editor"
    ADMIN = "admin"
    OWNER = "owner"


class StatusCategory(StrEnum):
    """What a status means, whatever it is called."""

    BACKLOG = "backlog"
    UNSTARTED = "unstarted"
    STARTED = "started"
    DONE = "done"
    CANCELLED = "cancelled"


class EstimateUnit(StrEnum):
    """What the estimates of a project's tasks are counted in."""

    POINTS = "points"
    MINUTES = "minutes"


class Project(Base):
    __tablename__ = "projects"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str | None]
    color: Mapped[str | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"))
    is_template: Mapped[bool] = mapped_column(server_default=false())
    name_order: Mapped[str] = mapped_column(Text(collation="C"), Computed("reading_order(name)", persisted=True))
    estimate_unit: Mapped[str] = mapped_column(server_default="points")
    defaults: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """What new tasks start with where they say nothing: `status`, `priority`, `assignee_ids`, `label_ids`."""

    __table_args__ = (
        CheckConstraint("key ~ '^[A-Z][A-Z0-9]{1,9}$'", name="key"),
        CheckConstraint("estimate_unit IN ('points', 'minutes')", name="estimate_unit"),
        Index("ix_projects_created_by", "created_by"),
        Index("ix_projects_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("ix_projects_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    )


class ProjectSearch(Base):
    """What full text search reads of a project: key, name and description; kept by a trigger."""

    __tablename__ = "project_search"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    document: Mapped[object] = mapped_column(TSVECTOR)


class ProjectCounter(Base):
    """The last task number given out; a row of its own, for numbering must not churn the row every read joins."""

    __tablename__ = "project_counters"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    last_number: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)


class Member(Base):
    __tablename__ = "members"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str]
    joined_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    # What the member's own list of projects shows: nobody else reads it, and it is no new version of the membership.
    is_favourite: Mapped[bool] = mapped_column(server_default=false())
    position: Mapped[int | None]
    weekly_capacity: Mapped[float | None]
    """In what the project's estimates are counted in."""

    __table_args__ = (
        CheckConstraint("weekly_capacity > 0", name="weekly_capacity"),
        CheckConstraint("role IN ('viewer', 'commenter', 'editor', 'admin', 'owner')", name="role"),
        Index("ix_members_user_id", "user_id", "project_id"),
    )


class Status(Base):
    __tablename__ = "statuses"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    key: Mapped[str]
    name: Mapped[str]
    category: Mapped[str]
    position: Mapped[int]
    wip_limit: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("category IN ('backlog', 'unstarted', 'started', 'done', 'cancelled')", name="category"),
        UniqueConstraint("project_id", "key"),
        # What tasks refer to: a task's category can then never differ from its status's.
        UniqueConstraint("project_id", "key", "category"),
        # Checked when a statement ends: one that shifts several passes through places that are taken.
        UniqueConstraint("project_id", "position", name="uq_statuses_position", deferrable=True, initially="IMMEDIATE"),
    )
