"""The workload as clients read it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.models import EstimateUnit

Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]
_UNIT = "in the project's unit"


class Load(BaseModel):
    """What somebody has to do, and can do."""

    user_id: UUID | None = Field(description="Null: what nobody is assigned to")
    open: Count = Field(description="Neither done nor cancelled; with two assignees it counts for both", examples=[5])
    overdue: Count = Field(description="Of these, what was due before now, or before today", examples=[1])
    estimate: Amount = Field(description=f"The sum of their estimates, {_UNIT}", examples=[21])
    unestimated: Count = Field(description="Open ones without an estimate", examples=[0])
    due: Count = Field(description="Open ones that are due within the days", examples=[3])
    due_estimate: Amount = Field(description=f"The sum of their estimates, {_UNIT}", examples=[13])
    weekly_capacity: Amount | None = Field(
        description=f"How much they can do in a week, {_UNIT}; null: nobody knows", examples=[20]
    )
    capacity: Amount | None = Field(description="The same for the days: hold `due_estimate` against it", examples=[20])
    weeks: Amount | None = Field(
        description="In how many weeks of theirs all that is open would be done: `estimate` by `weekly_capacity`",
        examples=[1.05],
    )


class Workload(BaseModel):
    """What is open now, by who is assigned to it; and who has nothing, but has said what they can do."""

    unit: EstimateUnit | None = Field(
        description="What estimates and capacities are counted in; null over several projects, which may differ",
        examples=[EstimateUnit.POINTS],
    )
    items: list[Load] = Field(description="The most first")
