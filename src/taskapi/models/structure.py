"""What ties tasks together and hangs on them: links, checklists, and the keys that tasks had in other projects.

None of them has a project of its own but the former keys: a task that moves takes along what hangs on it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class TaskLink(Base):
    __tablename__ = "task_links"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    target_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    type: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __table_args__ = (
        CheckConstraint("type IN ('blocks', 'relates_to', 'duplicates')", name="type"),
        CheckConstraint("source_id <> target_id", name="two_tasks"),
        # Once between two tasks, whichever way round.
        Index(
            "uq_task_links_pair",
            sql("least(source_id, target_id)"),
            sql("greatest(source_id, target_id)"),
            "type",
            unique=True,
        ),
        Index("ix_task_links_source_id", "source_id", "type", "target_id"),
        Index("ix_task_links_target_id", "target_id", "type", "source_id"),
    )


class ChecklistItem(Base):
    __tablename__ = "checklist_items"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    text: Mapped[str]
    done: Mapped[bool] = mapped_column(server_default=sql("false"))
    position: Mapped[int]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=sql("1"))

    __table_args__ = (
        # Checked when a statement ends: one that shifts several passes through places that are taken.
        UniqueConstraint(
            "task_id", "position", name="uq_checklist_items_position", deferrable=True, initially="IMMEDIATE"
        ),
    )


class FormerKey(Base):
    """The project and number of a task before it moved; kept by a trigger, so that whoever moves one leaves it."""

    __tablename__ = "former_task_keys"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))

    __table_args__ = (Index("ix_former_task_keys_task_id", "task_id"),)
