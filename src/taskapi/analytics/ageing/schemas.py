"""The ages of what is in work, as clients read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

Key = Annotated[str, Field(description="As people call it", examples=["WEB-12"])]


class Aged(BaseModel):
    """A task that is in work."""

    task_id: UUID = Field(description="The id of the task")
    key: Key
    title: str = Field(description="What is to be done", examples=["Fix login"])
    status: str = Field(description="Where it stands", examples=["in_progress"])
    started_at: datetime = Field(description="When it entered a status of the category `started` for the first time")
    days: Annotated[int, Field(ge=0)] = Field(
        description="From that day to today; 0: it was started today", examples=[9]
    )


class Ageing(BaseModel):
    """What is in work now, the oldest first; the days of the report do not matter to it."""

    items: list[Aged] = Field(description="The oldest five hundred")
    total: Annotated[int, Field(ge=0)] = Field(description="How many tasks are in work", examples=[14])
