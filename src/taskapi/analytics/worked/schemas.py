"""The time that was worked, as clients read it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.analytics.ageing.schemas import Key

Seconds = Annotated[int, Field(ge=0)]


class Worked(BaseModel):
    """What somebody worked on a task within the days."""

    user_id: UUID = Field(description="Who worked")
    task_id: UUID = Field(description="The id of the task")
    key: Key
    seconds: Seconds = Field(description="Within the days; a timer counts once it was stopped", examples=[5400])


class TimeWorked(BaseModel):
    """Who worked for how long on what: of an entry that goes over midnight, the part that lies in the days."""

    items: list[Worked] = Field(description="The longest first; ten thousand at most")
    total_seconds: Seconds = Field(description="Of all, also of what the list has no room for", examples=[28800])
