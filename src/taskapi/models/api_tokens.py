"""Personal API tokens: what scripts sign in with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class ApiToken(Base):
    """The secret itself is nowhere: it has 256 random bits, so its plain SHA-256 gives nothing away."""

    __tablename__ = "api_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]
    """Its first characters, by which somebody who finds it somewhere can tell which one it is."""
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    project_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """The only projects it opens; null: all that its owner is in."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    last_used_address: Mapped[str | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_api_tokens_secret_hash", "secret_hash", unique=True),
        Index("ix_api_tokens_user_id", "user_id", "created_at", "id"),
        Index("ix_api_tokens_expires_at", "expires_at"),
    )
