"""Share links as project admins write and read them, and what one shows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from taskapi.core.clock import utc_now
from taskapi.core.fields import Input, Instant, Name, NewId
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
    id: NewId | None = Field(None, description="Made by the server unless you give one")
    label: Name | None = Field(None, description="What you will know it by")
    expires_at: Annotated[Instant, AfterValidator(_in_the_future)] | None = None
    password: LinkPassword | None = Field(None, description="At least 8 printable ASCII characters")


class ShareLinkRead(BaseModel):
    id: UUID
    label: str | None
    has_password: bool
    expires_at: datetime | None
    created_by: UUID
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the minute")
    active: bool = Field(description="Whether it opens: not expired, and its maker could still make it")
    version: int


class ShareLinkCreated(ShareLinkRead):
    token: str = Field(description="The secret; shown this once")
    url: str = Field(description="What it opens, the secret included")


class SharedStatus(BaseModel):
    key: str
    name: str
    category: StatusCategory
    position: int


class SharedProject(BaseModel):
    id: UUID
    key: str
    name: str
    description: str | None
    color: str | None
    archived: bool
    statuses: list[SharedStatus]
