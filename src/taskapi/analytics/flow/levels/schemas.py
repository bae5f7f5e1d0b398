"""What was there at the end of each day, as clients read it."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

Count = Annotated[int, Field(ge=0)]
Date = Annotated[date, Field(description="The day, in the time zone that was asked for")]
CompleteSince = Annotated[
    datetime | None,
    Field(
        description="From when on all that happened is known: the change log had been shortened before the reports"
        " were introduced. Null: from the beginning"
    ),
]


class DayOfBurndown(BaseModel):
    """A project at the end of a day."""

    date: Date
    remaining: Count = Field(description="Open tasks: neither done nor cancelled", examples=[12])
    remaining_estimate: float = Field(description="The sum of their estimates; one without adds nothing", examples=[31])
    scope: Count = Field(description="Open and done tasks: all that there was to do", examples=[20])
    completed: Count = Field(description="Done tasks", examples=[8])


class Burndown(BaseModel):
    """Each day from the first to the last, or to today."""

    items: list[DayOfBurndown] = Field(description="A day each")
    complete_since: CompleteSince = None


class DayOfFlow(BaseModel):
    """How many tasks were in a status of each category at the end of a day."""

    date: Date
    backlog: Count = Field(description="Noted, and not planned yet", examples=[9])
    unstarted: Count = Field(description="Planned, and not begun", examples=[4])
    started: Count = Field(description="In work", examples=[3])
    done: Count = Field(description="Completed", examples=[8])
    cancelled: Count = Field(description="Given up", examples=[1])


class CumulativeFlow(BaseModel):
    """Each day from the first to the last, or to today."""

    items: list[DayOfFlow] = Field(description="A day each")
    complete_since: CompleteSince = None
