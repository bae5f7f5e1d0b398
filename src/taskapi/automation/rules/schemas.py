"""Rules as clients write and read them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool

from taskapi.automation.acting.schemas import Action, Actions
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.fields import Input, Name, NewId, Patch, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.tasks.filters.schemas import FilterText

SORTS = ("position", "name", "created_at")
_LAST_POSITION: Final = 1000


class RuleKind(StrEnum):
    """After what a rule may act: a task is there then to be acted on."""

    TASK_CREATED = ChangeKind.TASK_CREATED.value
    TASK_UPDATED = ChangeKind.TASK_UPDATED.value
    TASK_MOVED = ChangeKind.TASK_MOVED.value
    TASK_COMPLETED = ChangeKind.TASK_COMPLETED.value
    TASK_REOPENED = ChangeKind.TASK_REOPENED.value
    TASK_RESTORED = ChangeKind.TASK_RESTORED.value
    COMMENT_CREATED = ChangeKind.COMMENT_CREATED.value
    COMMENT_UPDATED = ChangeKind.COMMENT_UPDATED.value
    COMMENT_DELETED = ChangeKind.COMMENT_DELETED.value


class DarkReason(StrEnum):
    """Why a rule does nothing although it is active: the rights of whom it belongs to are gone."""

    DISABLED = "account_disabled"
    LEFT = "left_project"
    ROLE = "lost_role"


def _once(kinds: list[RuleKind]) -> list[RuleKind]:
    return list(dict.fromkeys(kinds))


Position = Annotated[int, Field(strict=True, ge=0, le=_LAST_POSITION)]
Kinds = Annotated[list[RuleKind], Field(min_length=1, max_length=len(RuleKind)), AfterValidator(_once)]

_KINDS: Final = "After what it acts; several: after any of them"
_FILTER: Final = "An expression of the filter language that the task fits when the rule acts; empty: every task"
_ACTIONS: Final = "What it does, in this order; where one of them cannot be done, none is"
_POSITION: Final = "Rules act in this order after the same change, lowest first"
_EXAMPLE: Final[dict[str, Any]] = {
    "name": "Urgent bugs are begun at once",
    "kinds": ["task.created", "task.updated"],
    "filter": "priority:urgent is:open -status:in_progress",
    "actions": [
        {"type": "patch", "patch": {"status": "in_progress"}},
        {"type": "comment", "body": "This is urgent: please look at it today."},
    ],
}


class RuleWish(Input):
    """What a rule would be, to be tried."""

    model_config = example(**{name: _EXAMPLE[name] for name in ("kinds", "filter", "actions")})

    kinds: Kinds = Field(description=_KINDS)
    filter: FilterText = Field("", description=_FILTER)
    actions: Actions = Field(description=_ACTIONS)


class RuleCreate(RuleWish):
    """A new rule of a project."""

    model_config = example(**_EXAMPLE)

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    name: Name = Field(description="What people call it")
    is_active: StrictBool = Field(True, description="Whether it acts; true unless you say otherwise")
    position: Position = Field(100, description=f"{_POSITION}; 100 unless you give one")


class RuleUpdate(Patch):
    """Absent fields stay. The rule is yours from then on: it acts with your rights."""

    model_config = example(is_active=False)

    name: Name = Field("", description="What people call it")
    is_active: StrictBool = Field(True, description="Whether it acts")
    position: Position = Field(0, description=_POSITION)
    kinds: Kinds = Field(default_factory=list, description=_KINDS)
    filter: FilterText = Field("", description=_FILTER)
    actions: Actions = Field(default_factory=list, description=_ACTIONS)


class RuleRead(BaseModel):
    """A rule of a project."""

    id: UUID
    name: str = Field(description="What people call it", examples=[_EXAMPLE["name"]])
    is_active: bool = Field(description="Whether it acts", examples=[True])
    position: int = Field(description=_POSITION, examples=[100])
    kinds: list[RuleKind] = Field(description=_KINDS, examples=[_EXAMPLE["kinds"]])
    filter: str = Field(description=_FILTER, examples=[_EXAMPLE["filter"]])
    actions: list[Action] = Field(description=_ACTIONS, examples=[_EXAMPLE["actions"]])
    created_by: UUID = Field(description="Who made it")
    owner_id: UUID = Field(description="With whose rights it acts: who wrote it last")
    created_at: datetime
    updated_at: datetime = Field(description="It acts on what happens after this")
    version: int
    dark_reason: DarkReason | None = Field(
        description="Why it does nothing although it is active: what became of its owner; null: it acts"
    )


class RuleFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("position", description=f"Of {', '.join(SORTS)}; `-` turns it round")
