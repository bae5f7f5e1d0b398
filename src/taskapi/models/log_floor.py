"""Up to where the change log was shortened."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base
from taskapi.models.events import TransactionId


class LogFloor(Base):
    """One row at most: up to which position old changes were taken away, and when the latest of them happened."""

    __tablename__ = "log_floor"

    is_only: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    xid: Mapped[int] = mapped_column(TransactionId)
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("is_only", name="one_row"),)
