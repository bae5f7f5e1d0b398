"""Webhooks of projects, and what is delivered to them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class DeliveryStatus(StrEnum):
    """What has become of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DisabledReason(StrEnum):
    """Why the service disabled a webhook by itself."""

    GONE = "gone"
    FAILING = "failing"
    RECLAIMED = "reclaimed"


class Webhook(Base):
    __tablename__ = "webhooks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    disabled_reason: Mapped[str | None]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted, like the one before it."""
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_secret_until: Mapped[datetime | None]
    """Until when requests are also signed with the secret that was replaced last."""
    failing_since: Mapped[datetime | None]
    """The first failure that no success came after."""
    resting_until: Mapped[datetime | None]
    """Before that the receiver wants no requests."""
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (Index("ix_webhooks_project_id", "project_id", "created_at", "id"),)


class WebhookDelivery(Base):
    """No foreign keys: deleting a webhook must not wait for a million deliveries. A sweep takes those without one.

    What is sent is not kept here a second time: it is made from the change in the log.
    """

    __tablename__ = "webhook_deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID]
    change_id: Mapped[UUID | None]
    """Null for a ping."""
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=DeliveryStatus.PENDING)
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    attempted_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    taken_until: Mapped[datetime | None]
    """A worker is sending it; one that has not told how it went by then is taken for dead."""
    duration_ms: Mapped[int | None]
    error: Mapped[str | None]
    sent_headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    answer_status: Mapped[int | None]
    answer_headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    answer_body: Mapped[str | None]
    answer_is_cut: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
        # A change is delivered to a webhook once, also where it is asked for again.
        Index("uq_webhook_deliveries_change", "webhook_id", "change_id", unique=True),
        Index("ix_webhook_deliveries_newest", "webhook_id", "created_at", "id"),
        Index(
            "ix_webhook_deliveries_waiting",
            "webhook_id",
            "next_attempt_at",
            "id",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_webhook_deliveries_failed",
            "webhook_id",
            "created_at",
            "id",
            postgresql_where=text("status = 'failed'"),
        ),
    )
