"""Saved views: filters with names, each somebody's own or shared in a project."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class View(Base):
    __tablename__ = "views"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """Who alone sees it; null: it is shared in its project."""
    name: Mapped[str]
    filter: Mapped[str]
    sort: Mapped[str | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("owner_id IS NOT NULL OR project_id IS NOT NULL", name="seen_by_somebody"),
        Index("ix_views_created_by", "created_by"),
        Index("ix_views_owner_id", "owner_id", postgresql_where=text("owner_id IS NOT NULL")),
        Index("ix_views_project_id", "project_id", postgresql_where=text("project_id IS NOT NULL")),
    )
