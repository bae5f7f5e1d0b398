"""Imports: files that are brought in, how far each has come, and which task is which row of what was brought in."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class ImportState(StrEnum):
    """How far an import has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_ACTIVE = text("state IN ('queued', 'running')")


class Import(Base):
    __tablename__ = "imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    token_id: Mapped[UUID | None]
    """The API token it was begun with: once that is revoked, it goes no further."""
    format: Mapped[str]
    source: Mapped[str]
    """Whose ids the file has: the same id of another source is another task."""
    dry_run: Mapped[bool] = mapped_column(server_default=false())
    mapping: Mapped[dict[str, str | None] | None] = mapped_column(JSONB(none_as_null=True))
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    storage_key: Mapped[str | None]
    """None: the file is not stored any more."""
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="queued")
    stage: Mapped[str] = mapped_column(server_default="tasks")
    """`tasks`, and then, where some named what had not come yet, `references`."""
    position: Mapped[int] = mapped_column(server_default=text("0"))
    """How many records of the file this stage has dealt with: a run that was ended goes on behind them."""
    progress: Mapped[float] = mapped_column(server_default=text("0"))
    """Of the file, from 0 to 1."""
    total: Mapped[int | None]
    created: Mapped[int] = mapped_column(server_default=text("0"))
    updated: Mapped[int] = mapped_column(server_default=text("0"))
    skipped: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[int] = mapped_column(server_default=text("0"))
    unresolved: Mapped[int] = mapped_column(server_default=text("0"))
    """Records that named another one which had not come yet."""
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    problems_total: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    starts: Mapped[int] = mapped_column(server_default=text("0"))
    """How often a worker began with it and came no further: it gives up after some."""
    touched_at: Mapped[datetime]
    """When a worker last said that it is at it."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_imports_project", "project_id", "created_at", "id"),
        # One at a time in a project.
        Index("uq_imports_active", "project_id", unique=True, postgresql_where=_ACTIVE),
        Index("ix_imports_stored", "touched_at", postgresql_where=text("storage_key IS NOT NULL")),
    )


class TaskExternalId(Base):
    """Which task a row of a file became, and what the row said: the same row again changes nothing."""

    __tablename__ = "task_external_ids"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_task_external_ids_task_id", "task_id"),)
