"""Which jobs have had their effect; the jobs themselves are the engine's, in a schema of its own."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from taskapi.models.base import Base


class JobEffect(Base):
    __tablename__ = "job_effects"

    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    done_at: Mapped[datetime]

    __table_args__ = (Index("ix_job_effects_done_at", "done_at"),)
