"""Comments on tasks, what people think of them, and who wants to hear of a task or not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class Comment(Base):
    """It knows its task and not its project, so that a task that moves takes it along."""

    __tablename__ = "comments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    body: Mapped[str]
    mentions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'::uuid[]"))
    """The members whom the text names, as its project had them when it was written."""
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))

    # The order that they are listed in, both ways.
    __table_args__ = (Index("ix_comments_task", "task_id", "created_at", "id"),)


class CommentSearch(Base):
    """What full text search reads of a comment; kept by a trigger, which writes when its text changes."""

    __tablename__ = "comment_search"

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID]
    document: Mapped[object] = mapped_column(TSVECTOR)

    __table_args__ = (Index("ix_comment_search_document", "document", postgresql_using="gin"),)


class CommentReaction(Base):
    """One emoji of one person under one comment."""

    __tablename__ = "comment_reactions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    emoji: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("comment_id", "emoji", "user_id"),)


class TaskWatcher(Base):
    """What somebody chose: to hear of a task, or not to. Who chose nothing hears of what they have a part in."""

    __tablename__ = "task_watchers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    watching: Mapped[bool]

    __table_args__ = (UniqueConstraint("task_id", "user_id"), Index("ix_task_watchers_user_id", "user_id"))
