"""How long tasks took, as clients read it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.analytics.flow.levels.schemas import CompleteSince, Count

Hours = Annotated[float | None, Field(ge=0, examples=[30.5])]


class TimedTask(BaseModel):
    """A task that was done within the days."""

    task_id: UUID = Field(description="Its id")
    key: str = Field(description="Its key, as it is now", examples=["WEB-12"])
    completed_at: datetime = Field(description="When it was done; as the task itself says")
    hours: float = Field(ge=0, description="How long it took, by the clock: nights and weekends included")


class Durations(BaseModel):
    """How long tasks took that are done now, and have been since a moment within the days."""

    count: Count = Field(description="How many tasks there are to tell of", examples=[8])
    mean_hours: Hours = Field(description="The arithmetic mean; null where there is no task to tell of")
    p50_hours: Hours = Field(description="Half of the tasks took so long, or less; between two tasks, interpolated")
    p85_hours: Hours = Field(description="85 of 100 tasks took so long, or less")
    p95_hours: Hours = Field(description="95 of 100 tasks took so long, or less")
    items: list[TimedTask] = Field(description="The tasks, last completed first; 10,000 at most")
    complete_since: CompleteSince = None
