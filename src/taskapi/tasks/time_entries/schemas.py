"""Time entries as clients write and read them."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from taskapi.core.fields import Input, Instant, NewId, Patch, Prose, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.tasks.time_entries.errors import LONGEST

SORTS = ("started_at", "created_at")
Seconds = Annotated[int, Field(strict=True, ge=0, le=int(LONGEST.total_seconds()))]
Note = Annotated[Prose, StringConstraints(max_length=1000)]
_NOTE = "What was done"
_ABSENT = datetime.fromtimestamp(0, UTC)


class TimeEntryCreate(Input):
    """Time that somebody has worked."""

    model_config = example(started_at="2026-11-23T09:00:00Z", seconds=5400, note="Wrote the first half")

    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    started_at: Instant = Field(description="When the work began")
    ended_at: Instant | None = Field(None, description="When it ended, 7 days later at most; or give `seconds`")
    seconds: Seconds | None = Field(None, description="How long it took, instead of `ended_at`")
    note: Note | None = Field(None, description=_NOTE)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.ended_at is None) == (self.seconds is None):
            raise ValueError("give ended_at or seconds, and not both; to measure time from now on, start a timer")
        return self


class TimeEntryUpdate(Patch):
    """Absent fields stay. An end for an entry that runs stops its timer."""

    model_config = example(seconds=7200, note="Wrote it")

    started_at: Instant = Field(_ABSENT, description="When the work began; the end stays where it is")
    ended_at: Instant = Field(_ABSENT, description="When it ended, 7 days later at most; or give `seconds`")
    seconds: Seconds = Field(0, description="How long it took, instead of `ended_at`")
    note: Note | None = Field(None, description=_NOTE)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if {"ended_at", "seconds"} <= self.model_fields_set:
            raise ValueError("give ended_at or seconds, not both")
        return self


class TimeEntryRead(BaseModel):
    """Time that somebody has worked on a task, or a timer that runs."""

    id: UUID
    task_id: UUID = Field(description="What was worked on")
    user_id: UUID = Field(description="Who worked")
    started_at: datetime = Field(description="When the work began")
    ended_at: datetime | None = Field(description="Null while the timer runs")
    seconds: int | None = Field(description="How long it took; null while the timer runs", examples=[5400])
    note: str | None = Field(description=_NOTE, examples=["Wrote the first half"])
    created_at: datetime
    version: int


class RunningTimer(BaseModel):
    """Your timer."""

    timer: TimeEntryRead | None = Field(description="The entry that is running; null: none is")


class TimeEntryFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("-started_at", description=f"Of {', '.join(SORTS)}; `-` turns it round")
