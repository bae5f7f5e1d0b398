"""A list of tasks in groups, as clients read it."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from taskapi.core.lists.paging import MAX_COUNTED
from taskapi.tasks.schemas import TaskExpanded


class TaskGroup(BaseModel):
    """Those tasks of a list that have something in common."""

    key: str = Field(
        description="What they have in common, as the parameter takes it that the list is grouped by: a status, a "
        "priority, a user's id, a label's id or `none`, a word for when they are due",
        examples=["todo"],
    )
    count: Annotated[int, Field(ge=0, le=MAX_COUNTED)] = Field(
        description=f"How many there are, exact up to {MAX_COUNTED}", examples=[7]
    )
    count_is_lower_bound: Literal[True] | SkipJsonSchema[None] = Field(
        None, description=f"There where the group has more than {MAX_COUNTED}, which is then its `count`"
    )
    items: list[TaskExpanded] = Field(description="Its first page, in the order of the list")
    next_cursor: str | None = Field(
        description="Give it as `cursor` with this group's parameter instead of `group_by`; null: these are all",
        examples=["…"],
    )


class TaskGroups(BaseModel):
    """A list in groups: statuses by their position, priorities from the highest, people by name, dates from the first.

    Statuses, priorities and dates have their groups also where they are empty.
    """

    groups: list[TaskGroup] = Field(description="A hundred at most")
