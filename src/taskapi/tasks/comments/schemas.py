"""Comments as clients write and read them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from taskapi.core.change_log.rendering import CompleteSince
from taskapi.core.fields import Input, NewId, Patch, Prose, example, visible
from taskapi.core.lists.paging import Page, PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.tasks.schemas import split_by_commas

SORTS = ("created_at",)
MAX_BYTES: Final = 64 * 1024


class CommentExpand(StrEnum):
    """What a comment can show beside itself."""

    HTML = "html"


def _within_bounds(text: str) -> str:
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(f"must be at most {MAX_BYTES} bytes of UTF-8")
    return text


Markdown = Annotated[
    Prose, Field(min_length=1, max_length=MAX_BYTES), AfterValidator(_within_bounds), AfterValidator(visible)
]
Expansions = Annotated[list[CommentExpand], BeforeValidator(split_by_commas), Field(max_length=10)]
_SAYS: Final = "What it says, in Markdown, 64 KiB at most; `@username` outside of code mentions a member"
_EXPANDS: Final = "`html`: the text as HTML, too"


class CommentCreate(Input):
    """A new comment on a task."""

    model_config = example(body="It happens **only** on Fridays. @maria, have you seen `view1.push(x)`?")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    body: Markdown = Field(description=_SAYS)


class CommentUpdate(Patch):
    """An absent field stays."""

    model_config = example(body="It happens on *Mondays*, too.")

    body: Markdown = Field("", description=_SAYS)


class ReactionRead(BaseModel):
    """What some people think of a comment."""

    emoji: str = Field(description="One emoji", examples=["👍"])
    count: int = Field(description="How many people put it there", examples=[1])
    user_ids: list[UUID] = Field(description="Who, the first fifty of them")
    mine: bool = Field(description="Whether you are one of them", examples=[True])


class CommentRead(BaseModel):
    """A comment on a task."""

    id: UUID
    task_id: UUID = Field(description="The id of the task it is about")
    body: str = Field(description="What it says, in Markdown, as it was written", examples=["Seen on **Friday**."])
    mentions: list[UUID] = Field(description="The ids of the members whom it named when it was written")
    created_by: UUID
    created_at: datetime
    edited_at: datetime | None = Field(description="When its text was changed last; null: never")
    version: int
    reactions: list[ReactionRead] = Field(description="What others think of it, in the order it began")


class CommentExpanded(CommentRead):
    """With what `expand` asked for."""

    body_html: str | None = Field(
        None,
        description="The text as HTML that is safe to show; only with `expand=html`. Null for the last of a page whose "
        "texts are more than 128 KiB: read those alone",
        examples=["<p>Seen on <strong>Friday</strong>.</p>\n"],
    )


class CommentView(Input):
    expand: Expansions = Field(default_factory=list, description=_EXPANDS)


class CommentFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("created_at", description="`created_at`; `-` turns it round")
    expand: Expansions = Field(default_factory=list, description=_EXPANDS)


class RevisionRead(BaseModel):
    """What a comment said from some moment on."""

    id: UUID = Field(description="Of the change that made it so")
    body: str = Field(description="What it said, in Markdown", examples=["Seen on Friday."])
    edited_by: UUID | None = Field(description="Who wrote it so; null: the service itself")
    at: datetime = Field(description="When")


class RevisionPage(Page[RevisionRead]):
    """A page of what a comment has said."""

    complete_since: CompleteSince
