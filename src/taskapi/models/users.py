"""People, where they are signed in, and the counters that slow guessing down."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class SystemRole(StrEnum):
    """What a user may do in the whole service."""

    ADMIN = "admin"
    USER = "user"


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    """In its one canonical form (lower case, NFC, IDNA): a mailbox has one account. Null once that is deleted."""
    full_name: Mapped[str | None]
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(server_default=SystemRole.USER)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    email_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    locale: Mapped[str] = mapped_column(server_default="en")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    username_order: Mapped[str] = mapped_column(
        Text(collation="C"), Computed("reading_order(username)", persisted=True)
    )

    __table_args__ = (
        CheckConstraint("role IN ('admin', 'user')", name="role"),
        Index("uq_users_username", text("lower(username)"), unique=True),
        Index("ix_users_created_at", "created_at", "id"),
    )


class Session(Base):
    """One sign-in. Its refresh tokens are numbered by `generation`; only the newest number is alive."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    generation: Mapped[int] = mapped_column(server_default=text("1"))
    rotated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str | None]
    address: Mapped[str | None]

    __table_args__ = (
        Index("ix_sessions_user_id", "user_id", "created_at", "id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )


class KnownPlace(Base):
    """Where an account was signed in to from."""

    __tablename__ = "known_places"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """A keyed hash of account and network: it is recognised, and tells nobody where that is."""
    last_used_at: Mapped[datetime]

    __table_args__ = (Index("ix_known_places_last_used_at", "last_used_at"),)


class SignInLimit(Base):
    """Failures (and tries under way) of whatever a bucket counts, in the window that began at `started_at`."""

    __tablename__ = "sign_in_limits"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    pending: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (Index("ix_sign_in_limits_started_at", "started_at"),)
