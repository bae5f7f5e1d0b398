"""The second factor: what an authenticator app shares with us, and codes for the day it is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class SecondFactor(Base):
    """Asked for at sign-in once it is confirmed; before, it is only an offer."""

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted: unlike a password it has to be read again."""
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    """The time step of the newest code that was used; no code of that step or an older one works again."""


class RecoveryCode(Base):
    """One way in without the app. The row is the code's life: using it deletes it."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("second_factors.user_id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
