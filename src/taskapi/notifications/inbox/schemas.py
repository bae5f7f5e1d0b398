"""Notifications as clients read them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from taskapi.core.fields import ClientId, Input, Instant, example, without_repeats
from taskapi.core.lists.paging import Page, PageParams
from taskapi.models import NotificationKind

MOST_READ_AT_ONCE = 1000
MOST_COUNTED = 1000
_ProjectName = Annotated[str, Field(max_length=40)]
_KINDS = "What happened, or is due"


class NotificationRead(BaseModel):
    """Something that you are told."""

    id: UUID
    kind: NotificationKind = Field(description=_KINDS, examples=[NotificationKind.ASSIGNED])
    task_id: UUID | None = Field(description="The task that it is about; null for an invitation")
    task_key: str | None = Field(description="The key of the task", examples=["WEB-12"])
    project_id: UUID = Field(description="The project, or that of the task as it is now")
    comment_id: UUID | None = Field(description="The comment, where it is about one")
    actor_id: UUID | None = Field(description="Who did it; null where something is due")
    title: str = Field(
        description="What the task is called now; of an invitation, the project", examples=["Fix the login"]
    )
    created_at: datetime
    read_at: datetime | None = Field(description="When you marked it as read; null: it is unread")


class NotificationPage(Page[NotificationRead]):
    """A page of your inbox."""

    unread_count: Annotated[int, Field(ge=0, le=MOST_COUNTED)] = Field(
        description=f"How many of your notifications are unread, whatever the filter; exact up to {MOST_COUNTED}",
        examples=[3],
    )
    unread_count_is_lower_bound: Literal[True] | SkipJsonSchema[None] = Field(
        None, description=f"There where more than {MOST_COUNTED} are unread"
    )


class NotificationFilter(PageParams):
    unread: bool | None = Field(None, description="`true`: those that you have not read; `false`: those that you have")
    kind: list[NotificationKind] = Field(
        default_factory=list, description=f"{_KINDS}; repeat it for any of several", max_length=len(NotificationKind)
    )
    project: _ProjectName | None = Field(None, description="The id or key of a project of yours", examples=["WEB"])


class NotificationsRead(Input):
    """Which notifications are read now: name some, all, or all up to an instant."""

    model_config = example(all=True)

    ids: Annotated[list[ClientId], Field(max_length=MOST_READ_AT_ONCE), AfterValidator(without_repeats)] | None = Field(
        None, description=f"The ids of {MOST_READ_AT_ONCE} at most; those that are read already do not count"
    )
    all: Literal[True] | None = Field(None, description="Everything in your inbox")
    before: Instant | None = Field(
        None, description="Everything up to this instant and at it: the `created_at` of the newest that you have seen"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(given is not None for given in (self.ids, self.all, self.before)) != 1:
            raise ValueError("give one of ids, all and before")
        return self


class ReadCount(BaseModel):
    """What became of it."""

    read: int = Field(description="How many were unread, and are read now", examples=[3])
