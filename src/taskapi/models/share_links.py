"""Links that show a project to people without an account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class ShareLink(Base):
    __tablename__ = "share_links"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    label: Mapped[str | None]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the token, which has 256 random bits: nothing slower could make it harder to guess."""
    password_hash: Mapped[str | None]
    attachments: Mapped[bool] = mapped_column(server_default=false())
    """Whether it shows files, too."""
    expires_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        Index("uq_share_links_token_hash", "token_hash", unique=True),
        Index("ix_share_links_project_id", "project_id", "created_at", "id"),
    )
