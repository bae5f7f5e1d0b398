"""Files on tasks: what is known of them. Their bytes lie in the storage, under keys that nobody chooses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Attachment(Base):
    """It knows its task. Which project that is in a trigger keeps, for sums: a task that moves takes it along."""

    __tablename__ = "attachments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    project_id: Mapped[UUID | None]
    object_id: Mapped[UUID]
    """What the bytes are stored as. Copies share it, and it goes when the last of them is gone."""
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    """As the bytes themselves tell it."""
    sha256: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index("ix_attachments_task_id", "task_id", "created_at", "id", postgresql_include=["size"]),
        Index("ix_attachments_object_id", "object_id"),
        # Sums are read from these alone.
        Index("ix_attachments_project_id", "project_id", postgresql_include=["size"]),
        Index("ix_attachments_created_by", "created_by", "id", postgresql_include=["size"]),
    )
