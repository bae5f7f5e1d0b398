"""Who somebody is at an OpenID provider."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Identity(Base):
    """One way into an account. Issuer and subject never change, where names and addresses do (OpenID Core §5.7)."""

    __tablename__ = "identities"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]
    """As the provider gave it the last time; for people to tell their identities apart, never to find an account."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_identities_issuer", "issuer", "subject", unique=True),
        Index("ix_identities_user_id", "user_id"),
    )
