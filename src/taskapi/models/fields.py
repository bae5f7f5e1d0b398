"""Custom fields: what the tasks of a project have beside those that every task has; and the values, to be found by."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class FieldType(StrEnum):
    """What the values of a custom field are."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    SELECT = "select"
    MULTI_SELECT = "multi_select"
    USER = "user"
    URL = "url"
    CHECKBOX = "checkbox"


class CustomField(Base):
    __tablename__ = "fields"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    key: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    required: Mapped[bool] = mapped_column(server_default=false())
    position: Mapped[int]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="key"),
        UniqueConstraint("project_id", "key"),
        # Checked when a statement ends: one that shifts several passes through places that are taken.
        UniqueConstraint("project_id", "position", name="uq_fields_position", deferrable=True, initially="IMMEDIATE"),
    )


class TaskField(Base):
    """The values of tasks' custom fields, as `Task.fields` says them, each cut to 100 characters; kept by triggers.

    A value of several is a row for each.
    """

    __tablename__ = "task_fields"

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
