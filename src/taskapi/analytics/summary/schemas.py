"""The summary as clients read it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.models import Priority

Count = Annotated[int, Field(ge=0)]


class StatusCount(BaseModel):
    """How many tasks stand in a status."""

    status: str = Field(description="Its key", examples=["in_progress"])
    count: Count = Field(description="Open and closed ones", examples=[7])


class AssigneeCount(BaseModel):
    """What somebody has to do."""

    user_id: UUID | None = Field(description="Null: what nobody is assigned to")
    open: Count = Field(description="Neither done nor cancelled; with two assignees it counts for both", examples=[5])
    overdue: Count = Field(description="Of these, what was due before now, or before today", examples=[1])


class PriorityCount(BaseModel):
    """How much is open of a priority."""

    priority: Priority = Field(description="Of the tasks", examples=[Priority.HIGH])
    open: Count = Field(description="Neither done nor cancelled", examples=[3])


class Summary(BaseModel):
    """Where things stand now, and what was created and completed within the days."""

    open: Count = Field(description="Neither done nor cancelled, now", examples=[12])
    overdue: Count = Field(description="Of these, what was due before now, or before today", examples=[2])
    created: Count = Field(description="Created within the days", examples=[9])
    completed: Count = Field(description="Done now, and since a moment within the days", examples=[6])
    by_status: list[StatusCount] = Field(description="Every status, in the order of the columns")
    by_assignee: list[AssigneeCount] = Field(description="Who has open tasks, the most first")
    by_priority: list[PriorityCount] = Field(description="Every priority, the most pressing first")
