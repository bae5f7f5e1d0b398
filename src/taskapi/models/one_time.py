"""What a link in a mail opens, once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class OneTimeToken(Base):
    """The token itself is nowhere: it is computed from the id and a key that is not in the database."""

    __tablename__ = "one_time_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    subject_id: Mapped[UUID]
    """Whose it is: a user, or an invitation."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_one_time_tokens_subject", "subject_id", "purpose"),
        Index("ix_one_time_tokens_expires_at", "expires_at"),
    )
