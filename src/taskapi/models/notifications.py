"""What people are told of, and how they want to be told."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class NotificationKind(StrEnum):
    """What somebody is told."""

    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    COMMENTED = "commented"
    STATUS_CHANGED = "status_changed"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    REMINDER = "reminder"
    INVITED = "invited"
    RULE = "rule"


class EmailChoice(StrEnum):
    """Whether a kind is mailed: within two minutes, once a day with all others, or not at all."""

    NOW = "now"
    DIGEST = "digest"
    OFF = "off"


class Notification(Base):
    """It names things and holds no text of theirs: what it is called is read from the task, with the right to see it.

    There are no foreign keys. Each would lock a row of a task, a project and an account for each notification, and what
    names a thing that is gone is shown to nobody.
    """

    __tablename__ = "notifications"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    kind: Mapped[str]
    project_id: Mapped[UUID]
    task_id: Mapped[UUID | None]
    comment_id: Mapped[UUID | None]
    invitation_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    in_app: Mapped[bool]
    """Whether it is in the inbox; else it is there to be mailed."""
    mailing: Mapped[str]
    """An EmailChoice: what its person wanted when it was made."""
    mail_at: Mapped[datetime | None]
    """From when on it is to be mailed; null: it was, or is not."""
    mail_id: Mapped[UUID | None]
    """The mail that it goes with, once a job has it."""

    __table_args__ = (
        CheckConstraint("mailing IN ('now', 'digest', 'off')", name="mailing"),
        Index("ix_notifications_inbox", "user_id", "created_at", "id"),
        Index(
            "ix_notifications_unread",
            *("user_id", "created_at", "id"),
            postgresql_where=text("in_app AND read_at IS NULL"),
        ),
        Index(
            "ix_notifications_mail_at",
            "mail_at",
            postgresql_where=text("mail_at IS NOT NULL AND mail_id IS NULL"),
        ),
        Index("ix_notifications_unsent", "user_id", postgresql_where=text("mail_at IS NOT NULL")),
        # Rows come in the order of their time, so that this is a few pages, and old ones are found by it all the same.
        Index("ix_notifications_created_at", "created_at", postgresql_using="brin"),
    )


class NotificationPreferences(Base):
    """What somebody chose. Who chose nothing has no row."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    kinds: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """`{kind: {"in_app": …, "email": …}}`, of each no more than was chosen."""
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]
    daily_hour: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet_hours"),
        CheckConstraint("daily_hour BETWEEN 0 AND 23", name="daily_hour"),
    )


class DueNotice(Base):
    """Which due date of a task somebody was told of last, and that it was near, or past."""

    __tablename__ = "due_notices"

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    due: Mapped[datetime]
    """`Task.due_first` as it was."""
    kind: Mapped[str]
