"""A change of many tasks as clients write it, and what became of it."""

from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from taskapi.core.fields import ClientId, Input, example, without_repeats
from taskapi.tasks.schemas import AssigneeIds, TaskUpdate

MAX_TASKS: Final = 1000


class BulkPatch(TaskUpdate):
    """What changes in each of the tasks, as by `PATCH /tasks/{task}`; people can also be added or taken off."""

    model_config = example(priority="high", status="in_progress")

    add_assignee_ids: AssigneeIds = Field(
        default_factory=list, description="The ids of members who do it besides; not together with `assignee_ids`"
    )
    remove_assignee_ids: AssigneeIds = Field(
        default_factory=list, description="The ids of people who do it no more; not together with `assignee_ids`"
    )

    @model_validator(mode="after")
    def _all_or_some_assignees(self) -> Self:
        if "assignee_ids" in self.model_fields_set and (self.add_assignee_ids or self.remove_assignee_ids):
            raise ValueError("give assignee_ids (all of them), or who is added and removed, not both")
        if set(self.add_assignee_ids) & set(self.remove_assignee_ids):
            raise ValueError("the same person is added and removed")
        return self

    @property
    def differs_by_task(self) -> bool:
        return bool(self.add_assignee_ids or self.remove_assignee_ids)


class BulkUpdate(Input):
    """The same change of up to 1,000 tasks."""

    model_config = example(
        ids=["01990f0e-7b1c-7e4a-9d3e-2f6b8c1a5d70", "01990f0e-7b1c-7e4a-9d3e-2f6b8c1a5d71"],
        patch={"priority": "high", "status": "in_progress"},
    )

    ids: Annotated[list[ClientId], AfterValidator(without_repeats)] = Field(
        description="The ids of the tasks, of whatever projects", min_length=1, max_length=MAX_TASKS
    )
    patch: BulkPatch = Field(description="What changes in each of them; a task that is so already stays as it is")


class BulkResult(BaseModel):
    """What became of a change of many tasks."""

    matched: int = Field(description="How many tasks were meant", examples=[12])
    changed: int = Field(description="How many of them changed: the others were so already", examples=[9])
    task_ids: list[UUID] = Field(description="The ids of those that changed, in the order of their making")
