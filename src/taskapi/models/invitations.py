"""Invitations to projects, by e-mail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Invitation(Base):
    """What its link opens is a one-time token whose subject this is."""

    __tablename__ = "invitations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    email: Mapped[str]
    """In its canonical form, as accounts have it."""
    role: Mapped[str]
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'commenter', 'editor', 'admin', 'owner')", name="role"),
        Index("ix_invitations_project_id", "project_id", "email"),
        # An address has one open invitation to a project; a newer one closes the older.
        Index(
            "uq_invitations_open",
            "email",
            "project_id",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        Index("ix_invitations_expires_at", "expires_at"),
    )
