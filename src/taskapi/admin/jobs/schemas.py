"""A job as administrators see it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field

from taskapi.core.lists.paging import PageParams


class JobState(StrEnum):
    """What becomes of a job; one that is done is forgotten."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"


JobPath = Annotated[int, Path(ge=1, le=2**63 - 1, description="The number of the job", examples=[1])]


class JobRead(BaseModel):
    """A job that waits, runs, or could not be done."""

    id: int = Field(description="Its number", examples=[4711])
    name: str = Field(description="What is to be done", examples=["mail.send"])
    state: JobState = Field(description="What becomes of it", examples=[JobState.QUEUED])
    priority: int = Field(description="Higher ones go first", examples=[0])
    attempts: int = Field(
        description="How often it was tried to an end, since it was enqueued or retried", examples=[1]
    )
    arguments: dict[str, Any] = Field(
        description="Ids and texts; links in mails are computed, so no job holds one",
        examples=[{"template": "welcome"}],
    )
    error: str | None = Field(
        description="What went wrong the last time; forgotten after a week", examples=["ConnectionRefusedError"]
    )
    created_at: datetime
    updated_at: datetime
    run_at: datetime = Field(description="When it may run, or was meant to", examples=["2026-11-21T09:30:00.000000Z"])


class JobFilter(PageParams):
    state: JobState | None = Field(None, description="What becomes of them")
