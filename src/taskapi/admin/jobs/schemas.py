"""A job as administrators see it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field

from taskapi.core.lists.paging import PageParams


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"


JobPath = Annotated[int, Path(ge=1, le=2**63 - 1)]


class JobRead(BaseModel):
    id: int
    name: str = Field(examples=["mail.send"])
    state: JobState
    priority: int = Field(description="Higher ones go first")
    attempts: int = Field(description="How often it was tried to an end, since it was enqueued or retried")
    arguments: dict[str, Any] = Field(description="Ids and texts; links in mails are computed, so no job holds one")
    error: str | None = Field(description="What went wrong the last time; forgotten after a week")
    created_at: datetime
    updated_at: datetime
    run_at: datetime = Field(description="When it may run, or was meant to")


class JobFilter(PageParams):
    state: JobState | None = None
