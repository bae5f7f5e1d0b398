"""When mails were sent, by whom and to whom: for a day, so that there is an end to them."""

from datetime import datetime

from sqlalchemy import ARRAY, DateTime, Index
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class MailLimit(Base):
    """Of one sender, or of one address and one kind of mail."""

    __tablename__ = "mail_limits"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    sent_at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    """Those of the last day, oldest first."""
    last_sent_at: Mapped[datetime]

    __table_args__ = (Index("ix_mail_limits_last_sent_at", "last_sent_at"),)
