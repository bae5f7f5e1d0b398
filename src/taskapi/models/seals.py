"""What shows that the change log is what it was: a chain of hashes over it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base
from taskapi.models.events import TransactionId


class Seal(Base):
    """A run of changes in the order of commits, sealed together. No foreign keys: the log may lose its oldest rows."""

    __tablename__ = "seals"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_xid: Mapped[int] = mapped_column(TransactionId)
    first_seq: Mapped[int] = mapped_column(BigInteger)
    last_xid: Mapped[int] = mapped_column(TransactionId)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    sealed_at: Mapped[datetime]
    entries: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class SealedName(Base):
    """The names in a sealed change, as a salted digest: without its salt, it says nothing about them any more."""

    __tablename__ = "sealed_names"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
