"""Calendar feeds: secret addresses by which somebody's calendar reads their tasks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Feed(Base):
    """It is its owner's, and of no project: one that names a project outlives it, and then shows nothing."""

    __tablename__ = "feeds"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the token, which has 256 random bits: nothing slower could make it harder to guess."""
    label: Mapped[str | None]
    project_id: Mapped[UUID | None]
    filter: Mapped[str | None]
    kind: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("kind IN ('todo', 'event')", name="kind"),
        Index("uq_feeds_token_hash", "token_hash", unique=True),
        Index("ix_feeds_user_id", "user_id", "created_at", "id"),
    )
