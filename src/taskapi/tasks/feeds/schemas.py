"""Calendar feeds as their owners make and see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input, Name, NewId, example
from taskapi.tasks.calendars.kinds import EntryKind
from taskapi.tasks.filters.schemas import FilterText

_ProjectName = Annotated[str, Field(max_length=40)]


class FeedCreate(Input):
    """A new feed. Without a project and a filter it shows what is assigned to you, in all of your projects."""

    model_config = example(label="My phone", kind="todo", filter="assignee:me is:open")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    label: Name | None = Field(None, description="What you will know it by, and what the calendar is called")
    project: _ProjectName | None = Field(None, description="The id or key of the only project it shows tasks of")
    filter: FilterText | None = Field(
        None, description="An expression of the filter language: which tasks it shows; days are those of your time zone"
    )
    kind: EntryKind = Field(
        description="`todo`: to-dos, all of them; `event`: events, of the tasks that have a due date. Many calendars "
        "show events alone"
    )


class FeedRead(BaseModel):
    """A calendar feed, without its secret."""

    id: UUID
    label: str | None = Field(description="What its owner knows it by", examples=["My phone"])
    project_id: UUID | None = Field(description="The only project it shows tasks of; null: all of its owner's")
    filter: str | None = Field(
        description="An expression of the filter language; null: all tasks of the project, or what is assigned to its "
        "owner",
        examples=["assignee:me is:open"],
    )
    kind: EntryKind = Field(description="What tasks are shown as", examples=[EntryKind.TO_DO])
    created_at: datetime
    version: int
    last_used_at: datetime | None = Field(description="When it was last read, to the minute; null: never")


class FeedCreated(FeedRead):
    """A new calendar feed, with its secret."""

    token: str = Field(description="The secret; shown this once", examples=["pL3x…"])
    url: str = Field(
        description="What a calendar subscribes to, the secret included",
        examples=["https://tasks.example.com/api/v1/feeds/pL3x….ics"],
    )
