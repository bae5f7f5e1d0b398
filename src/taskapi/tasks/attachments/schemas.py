"""Attachments as clients see them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from taskapi.core.fields import Input, Patch, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.tasks.attachments import names

SORTS = ("created_at", "name")
_NAME = "What its sender calls it; how a browser saves it"


def _is_clean(name: str) -> str:
    if names.cleaned(name) != name:
        raise ValueError(
            f"must be a name and no path, of {names.MAX_BYTES} bytes at most, with nothing in it that cannot be seen"
        )
    return name


FileName = Annotated[str, Field(min_length=1, max_length=names.MAX_BYTES), AfterValidator(_is_clean)]


class AttachmentRead(BaseModel):
    """A file on a task."""

    id: UUID
    task_id: UUID = Field(description="The id of the task it is on")
    name: str = Field(description=_NAME, examples=["view1.png"])
    size: int = Field(description="In bytes", examples=[48213])
    media_type: str = Field(description="What it is, as its own bytes tell", examples=["image/png"])
    sha256: str = Field(
        description="Of its content, in hexadecimal; the `ETag` of that",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    created_by: UUID
    created_at: datetime
    version: int


class Attached(BaseModel):
    """What was attached, in the order in which it was sent."""

    items: list[AttachmentRead] = Field(description="One for each file")


class AttachmentUpdate(Patch):
    """An absent field stays."""

    model_config = example(name="view1 on Friday.png")

    name: FileName = Field("", description=_NAME)


class AttachmentFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("created_at", description=f"Of {', '.join(SORTS)}; `-` turns it round")


class ContentView(Input):
    inline: bool = Field(
        False, description="Whether a browser may show it, where it is a PNG, JPEG, GIF, WebP or PDF; else it is saved"
    )


class PreviewSize(StrEnum):
    SMALL = "small"
    LARGE = "large"
