"""What rules did, as clients read it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.automation.acting.service import RunState
from taskapi.automation.rules.schemas import RuleKind


class RunRead(BaseModel):
    """What a rule did about one change."""

    id: UUID = Field(description="Also the `batch_id` of the changes that it made")
    at: datetime = Field(description="When")
    change_id: UUID = Field(description="The change that it acted on")
    kind: RuleKind = Field(description="What had happened", examples=[RuleKind.TASK_CREATED])
    task_id: UUID = Field(description="The task that it acted on")
    state: RunState = Field(
        description="`done`; `unchanged`: the task was so already; `failed`: it could not be done, and nothing was; "
        "`cut`: too many rules in a row had led to it",
        examples=[RunState.DONE],
    )
    depth: int = Field(description="How many rules in a row led to it, this one among them", examples=[1])
    code: str | None = Field(description="Why it failed: the code of a problem", examples=["wip_limit_reached"])
    detail: str | None = Field(description="The same in words", examples=["Move a task out of it first"])
    action: int | None = Field(description="The place of the action that failed, from 0", examples=[0])
