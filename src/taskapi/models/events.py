"""The change log: one row for every change, written in the transaction that made it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from taskapi.models.base import Base


class TransactionId(UserDefinedType[int]):
    """`xid8`: grows for ever, unlike `xid`, which wraps."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


class Event(Base):
    """No foreign keys: the log outlives what it tells of.

    Readers order by `(xid, seq)` and stop below the oldest running transaction, so that they see commits
    in one order and miss none.

    `xid` is the transaction that wrote the change, or the newest that was over when it was written, where that is
    greater. One that got its number early, waited for another's row and wrote then comes after the other by that. And
    it is never smaller than the writer's own number, so what is below the oldest running transaction stays as it is.
    """

    __tablename__ = "events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(
        TransactionId,
        server_default=text(
            "greatest(pg_current_xact_id(), (pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text::xid8)"
        ),
    )
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_kind: Mapped[str] = mapped_column()
    token_id: Mapped[UUID | None]
    request_id: Mapped[str | None]
    project_id: Mapped[UUID | None]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    subject_key: Mapped[str | None]
    kind: Mapped[str]
    changes: Mapped[dict[str, object]] = mapped_column(JSONB)
    batch_id: Mapped[UUID | None]

    __table_args__ = (
        Index("ix_events_position", "xid", "seq", unique=True),
        Index("ix_events_subject", "subject_id", "xid", "seq"),
        # Facts about accounts are of no project, and need no entry.
        Index("ix_events_project", "project_id", "xid", "seq", postgresql_where=text("project_id IS NOT NULL")),
        Index("ix_events_actor", "actor_id", "id"),
        # What hangs on a task, by its key: keys of projects have no dash.
        Index(
            "ix_events_of_task",
            "subject_key",
            "project_id",
            postgresql_where=text("subject_type <> 'task' AND strpos(subject_key, '-') > 0"),
        ),
        # What imports tell has the time of then, and ids of another: whoever writes by hand writes no entry.
        Index("ix_events_imported", "project_id", "at", postgresql_where=text("actor_kind = 'import'")),
        # A link is told once where both its tasks are in one project, and found by either.
        Index(
            "ix_events_link",
            "changes",
            postgresql_using="gin",
            postgresql_ops={"changes": "jsonb_path_ops"},
            postgresql_where=text("subject_type = 'link'"),
        ),
        # Security events by their time; facts about tasks and what hangs on them are many, and need no entry.
        Index(
            "ix_events_audit",
            "at",
            "id",
            # Found in the index, for who asks for kinds that happen seldom.
            "kind",
            postgresql_where=text(
                "subject_type NOT IN ('task', 'link', 'checklist_item', 'time_entry',"
                " 'comment', 'reaction', 'watcher', 'reminder')"
            ),
        ),
    )
