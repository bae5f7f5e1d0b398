"""A day as clients ask for it and read it."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.analytics.schemas import ReportParams
from taskapi.analytics.worked.schemas import Seconds
from taskapi.core.fields import Day
from taskapi.models import StatusCategory


class DailyParams(ReportParams):
    """The day, by its own name; else the last one of the days."""

    date: Day | None = Field(None, description="The day; else the last one of `from` and `to`", examples=["2026-11-22"])

    @property
    def days(self) -> tuple[dt.date | None, dt.date | None]:
        last = self.date or self.last
        return last, last


class TaskOfDay(BaseModel):
    """A task, in short, as it is now."""

    id: UUID
    key: str = Field(description="As people call it", examples=["WEB-12"])
    project_id: UUID = Field(description="Where it is now")
    title: str = Field(description="What is to be done", examples=["Fix login"])
    status: str = Field(description="Where it stands now", examples=["in_progress"])
    status_category: StatusCategory = Field(description="What that means", examples=[StatusCategory.STARTED])
    assignee_ids: list[UUID] = Field(description="Whose it is now")


class ActiveTask(BaseModel):
    """What a day did to a task."""

    task: TaskOfDay = Field(description="As it is now")
    created: bool = Field(description="Whether it was created that day", examples=[False])
    completed: bool = Field(description="Whether it was done that day, and is done still", examples=[True])
    worked_seconds: Seconds = Field(description="How long somebody worked on it that day", examples=[5400])
    changes: Annotated[int, Field(ge=0)] = Field(
        description="What happened that day to it and to what hangs on it: comments, checklist, links, time",
        examples=[3],
    )


class Daily(BaseModel):
    """The tasks that were active on a day: due then or being worked on, as lists have it by `date`, or changed then."""

    date: dt.date = Field(description="The day", examples=["2026-11-22"])
    items: list[ActiveTask] = Field(description="What changed most first; a thousand at most")
    total: Annotated[int, Field(ge=0)] = Field(description="How many tasks were active", examples=[8])
