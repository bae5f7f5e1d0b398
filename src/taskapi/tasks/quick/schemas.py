"""A line of text, and what was understood of it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input, Line, example
from taskapi.models import Priority
from taskapi.projects.members.schemas import UserBrief
from taskapi.tasks.quick.mentions import Kind
from taskapi.tasks.schemas import RecurrenceMode, TaskRead


class QuickTask(Input):
    """A task in one line of text."""

    model_config = example(text="Fix login !high tomorrow 17:00", project="WEB")

    text: Line = Field(
        description="A title, with `!high`, `@username`, `#label`, `+KEY` and at its end when it is due, in English"
    )
    project: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="The id or key of the project; not needed with `+KEY`, or by who writes in one project only"
    )


class QuickSpan(BaseModel):
    """A part of the text that was understood."""

    start: int = Field(description="Where it begins, in characters (Unicode code points) from 0", examples=[10])
    end: int = Field(description="The character after its last", examples=[15])
    kind: Kind = Field(description="What it stands for")
    value: str = Field(description="What it was understood as", examples=["high"])


class QuickLabel(BaseModel):
    """A label that was mentioned."""

    id: UUID
    name: str = Field(description="What it is called", examples=["bug"])


class QuickRecurrence(BaseModel):
    """A recurrence that was asked for."""

    rule: str = Field(description="The rule by which it comes again (RFC 5545)", examples=["FREQ=WEEKLY;INTERVAL=2"])
    mode: RecurrenceMode = Field(description="Counted from when it was due, or, with `every!`, from when it was done")


class QuickUnderstood(BaseModel):
    """What a line of text was taken for."""

    title: str = Field(description="What is left of the text", examples=["Fix login"])
    project: str = Field(description="The key of the project", examples=["WEB"])
    priority: Priority = Field(description="How pressing it is")
    assignees: list[UserBrief] = Field(description="Who does it")
    labels: list[QuickLabel] = Field(description="Its labels")
    due_on: date | None = Field(description="The day it is due, wherever you are")
    due_at: datetime | None = Field(description="The instant it is due, where a time was said")
    recurrence: QuickRecurrence | None = Field(description="How it comes again; null: it does not")
    spans: list[QuickSpan] = Field(description="Which parts of the text were understood, in their order")
    not_understood: list[str] = Field(
        description="Mentions of nobody and nothing; they stay in the title", examples=[["@nobody"]]
    )


class QuickAnswer(BaseModel):
    """The task made of a line of text."""

    task: TaskRead = Field(description="The task")
    understood: QuickUnderstood = Field(description="What the text was taken for")
