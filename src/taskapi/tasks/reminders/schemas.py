"""Reminders as clients set and read them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from taskapi.core.fields import Input, Instant, NewId, example

_A_YEAR_OF_MINUTES = 366 * 24 * 60
Minutes = Annotated[int, Field(strict=True, ge=0, le=_A_YEAR_OF_MINUTES)]


class ReminderCreate(Input):
    """When to be reminded: at an instant, or so long before the task is due."""

    model_config = example(minutes_before=30)

    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    at: Instant | None = Field(None, description="The instant; not together with `minutes_before`")
    minutes_before: Minutes | None = Field(
        None,
        description="So many minutes before it is due, also when that changes; of a task that is due on a day, before "
        "09:00 of it in your time zone",
    )

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if (self.at is None) == (self.minutes_before is None):
            raise ValueError("give at (an instant) or minutes_before (the due date), and not both")
        return self


class ReminderRead(BaseModel):
    """A reminder of yours."""

    id: UUID
    task_id: UUID = Field(description="What it reminds of")
    user_id: UUID = Field(description="Whose it is: yours")
    at: datetime | None = Field(description="The instant, where one was given")
    minutes_before: int | None = Field(
        description="So many minutes before the task is due, where that was given", examples=[30]
    )
    remind_at: datetime | None = Field(description="When that is, as things stand; null while the task is not due")
    created_at: datetime
    version: int
