"""Rules of projects: what happens by itself when something else has happened, and what they did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text, UniqueConstraint, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Rule(Base):
    __tablename__ = "rules"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    position: Mapped[int]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    filter: Mapped[str]
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    """With whose rights it acts: who wrote it last."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (Index("ix_rules_project_id", "project_id"),)


class RuleRun(Base):
    """What a rule did about a change, once: its id is the batch of what it wrote."""

    __tablename__ = "rule_runs"

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("rules.id", ondelete="CASCADE"), primary_key=True)
    change_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    kind: Mapped[str]
    task_id: Mapped[UUID]
    state: Mapped[str]
    depth: Mapped[int]
    """How many rules in a row led to it, this one among them."""
    code: Mapped[str | None]
    detail: Mapped[str | None]
    action: Mapped[int | None]
    """The place of the action that failed, from 0."""
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("id"),
        Index("ix_rule_runs_of_rule", "rule_id", "id"),
    )
