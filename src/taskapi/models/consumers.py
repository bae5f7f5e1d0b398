"""How far each reader of the change log has come."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base
from taskapi.models.events import TransactionId


class Consumer(Base):
    """The last change that the reader has dealt with; its row is locked while somebody reads for it."""

    __tablename__ = "consumers"

    name: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(TransactionId)
    seq: Mapped[int] = mapped_column(BigInteger)
