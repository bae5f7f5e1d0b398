"""Templates of tasks: what is made again and again in a project."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Enum, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base
from taskapi.models.tasks import Priority


class TaskTemplate(Base):
    """People, labels and fields that go from the project are taken off it by those who remove them."""

    __tablename__ = "task_templates"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    title: Mapped[str]
    description: Mapped[str | None]
    priority: Mapped[str] = mapped_column(
        Enum(*(priority.value for priority in Priority), name="task_priority"),
        server_default=text("'none'::task_priority"),
    )
    estimate: Mapped[float | None]
    due_in_days: Mapped[int | None]
    assignee_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'::uuid[]"))
    label_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'::uuid[]"))
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    checklist: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    subtasks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    # Also the order that they are listed in.
    __table_args__ = (Index("uq_task_templates_name", "project_id", text("lower(name)"), unique=True),)
