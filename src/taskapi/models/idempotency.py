"""What was answered to a request that carried an Idempotency-Key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class IdempotentAnswer(Base):
    __tablename__ = "idempotent_answers"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 over method, route, parameters and parsed body: the same key for another request is a mistake."""
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    project_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """The projects that the answer is about; null: nobody knows, so no API token for some projects gets it."""
    roles: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """The caller's in these, by the project's id, once the request was done."""
    user_id: Mapped[UUID | None]
    """The account that the answer is about, if it is about one: somebody who registers is nobody's caller yet."""
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_idempotent_answers_created_at", "created_at"),
        Index("ix_idempotent_answers_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )
