"""Share links as project admins write and read them, and what one shows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints

from taskapi.core.clock import utc_now
from taskapi.core.fields import Input, Instant, Name, NewId, example
from taskapi.core.secrets.passwords import MAX_LENGTH
from taskapi.models import StatusCategory

_SHORTEST_PASSWORD = 8


def _in_the_future(instant: datetime) -> datetime:
    if instant <= utc_now():
        raise ValueError("must be in the future")
    return instant


# It travels in a header, which carries printable ASCII faithfully and nothing else.
LinkPassword = Annotated[
    str,
    StringConstraints(
        min_length=_SHORTEST_PASSWORD, max_length=MAX_LENGTH, pattern=r"^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$"
    ),
]


class ShareLinkCreate(Input):
    """A new link to a project."""

    model_config = example(label="For the client")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    label: Name | None = Field(None, description="What you will know it by")
    expires_at: Annotated[Instant, AfterValidator(_in_the_future)] | None = Field(
        None, description="Until when it opens, an instant to come; for ever unless you give one"
    )
    password: LinkPassword | None = Field(None, description="At least 8 printable ASCII characters")
    attachments: StrictBool = Field(False, description="Whether it shows the files on tasks, too")


class ShareLinkRead(BaseModel):
    """A link to a project, without its secret."""

    id: UUID
    label: str | None = Field(description="What its maker knows it by", examples=["For the client"])
    has_password: bool = Field(description="Whether it asks for a password", examples=[False])
    attachments: bool = Field(description="Whether it shows the files on tasks, too", examples=[False])
    expires_at: datetime | None = Field(description="Until when it opens; null: for ever")
    created_by: UUID
    created_at: datetime
    last_used_at: datetime | None = Field(description="When it was last opened, to the minute; null: never")
    active: bool = Field(
        description="Whether it opens: not expired, and its maker could still make it", examples=[True]
    )
    version: int


class ShareLinkCreated(ShareLinkRead):
    """A new link to a project, with its secret."""

    token: str = Field(description="The secret; shown this once", examples=["pL3x…"])
    url: str = Field(
        description="The page to send to people, the secret included; programs are led on to `/api/v1/shared/{token}`",
        examples=["https://tasks.example.com/shared/pL3x…"],
    )


class SharedStatus(BaseModel):
    """A column of a shared project."""

    key: str = Field(description="What `status` of a task says", examples=["in_progress"])
    name: str = Field(description="What people call it", examples=["In progress"])
    category: StatusCategory = Field(description="What it means for the task", examples=[StatusCategory.STARTED])
    position: int = Field(description="From the left, from 0", examples=[2])


class SharedProject(BaseModel):
    """A project, as far as a link shows it."""

    id: UUID
    key: str = Field(description="Begins the key of each of its tasks", examples=["WEB"])
    name: str = Field(description="What people call it", examples=["Website"])
    description: str | None = Field(
        description="What it is about, in Markdown", examples=["What we show to the world."]
    )
    color: str | None = Field(description="`#` and six hexadecimal digits", examples=["#2f6feb"])
    archived: bool = Field(description="Whether its people have put it aside", examples=[False])
    attachments: bool = Field(description="Whether the link shows the files on its tasks, too", examples=[False])
    statuses: list[SharedStatus] = Field(description="The columns that its tasks move through, from left to right")
