"""What a rule would have done, as clients read it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.automation.acting.service import RunState
from taskapi.automation.rules.schemas import RuleKind


class TrialItem(BaseModel):
    """What the rule would do now about one change."""

    change_id: UUID = Field(description="The change")
    at: datetime = Field(description="When it happened")
    kind: RuleKind = Field(description="What had happened", examples=[RuleKind.TASK_CREATED])
    task_id: UUID = Field(description="The task, which fits the filter now")
    task_key: str = Field(description="Its key", examples=["WEB-1"])
    state: RunState = Field(
        description="`done`; `unchanged`: the task is so already; `failed`: it could not be done",
        examples=[RunState.DONE],
    )
    changes: dict[str, tuple[Any, Any]] = Field(
        description="What would change in the task: before and after, by field",
        examples=[{"status": ["todo", "in_progress"]}],
    )
    comments: list[str] = Field(description="What would be said about it", examples=[["Please look at it today."]])
    code: str | None = Field(description="Why it would fail: the code of a problem", examples=["wip_limit_reached"])
    detail: str | None = Field(description="The same in words", examples=["Move a task out of it first"])
    action: int | None = Field(description="The place of the action that would fail, from 0", examples=[0])


class Trial(BaseModel):
    """What a rule would do now about the last changes of its kinds."""

    looked_at: int = Field(description="How many changes were looked at: 100 at most, the newest", examples=[100])
    items: list[TrialItem] = Field(description="Those whose task fits the filter now, newest first")
