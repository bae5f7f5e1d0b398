"""A change of many tasks as clients write it, and what became of it."""

from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from taskapi.core.fields import ClientId, Input, example, without_repeats
from taskapi.tasks.filters.schemas import FilterText
from taskapi.tasks.schemas import AssigneeIds, LabelIds, TaskUpdate

MAX_TASKS: Final = 1000


class BulkPatch(TaskUpdate):
    """What changes in each task, as by `PATCH /tasks/{task}`; people and labels can also be added or taken off."""

    model_config = example(priority="high", status="in_progress")

    add_assignee_ids: AssigneeIds = Field(
        default_factory=list, description="The ids of members who do it besides; not together with `assignee_ids`"
    )
    remove_assignee_ids: AssigneeIds = Field(
        default_factory=list, description="The ids of people who do it no more; not together with `assignee_ids`"
    )

    add_label_ids: LabelIds = Field(
        default_factory=list, description="The ids of labels that they get besides; not together with `label_ids`"
    )
    remove_label_ids: LabelIds = Field(
        default_factory=list, description="The ids of labels that they lose; not together with `label_ids`"
    )

    @model_validator(mode="after")
    def _all_or_some(self) -> Self:
        for name in ("assignee_ids", "label_ids"):
            added, removed = set(getattr(self, f"add_{name}")), set(getattr(self, f"remove_{name}"))
            if name in self.model_fields_set and (added or removed):
                raise ValueError(f"give {name} (all of them), or what is added and removed, not both")
            if added & removed:
                raise ValueError(f"the same is added and removed: add_{name}, remove_{name}")
        return self

    @property
    def differs_by_task(self) -> bool:
        return any((self.add_assignee_ids, self.remove_assignee_ids, self.add_label_ids, self.remove_label_ids))


class BulkUpdate(Input):
    """The same change of up to 1,000 tasks."""

    model_config = example(filter="is:open priority:none", patch={"priority": "high", "status": "in_progress"})

    ids: Annotated[list[ClientId], AfterValidator(without_repeats)] = Field(
        default_factory=list, description="The ids of the tasks, of whatever projects", max_length=MAX_TASKS
    )
    filter: FilterText | None = Field(
        None,
        description="Instead of `ids`: an expression of the filter language; those that `GET /tasks?filter=` shows",
        examples=["is:open label:bug"],
    )
    patch: BulkPatch = Field(description="What changes in each of them; a task that is so already stays as it is")

    @model_validator(mode="after")
    def _ids_or_filter(self) -> Self:
        if bool(self.ids) == (self.filter is not None):
            raise ValueError("give ids (one at least), or a filter")
        return self


class BulkResult(BaseModel):
    """What became of a change of many tasks."""

    matched: int = Field(description="How many tasks were meant", examples=[12])
    changed: int = Field(description="How many of them changed: the others were so already", examples=[9])
    task_ids: list[UUID] = Field(description="The ids of those that changed, in the order of their making")
