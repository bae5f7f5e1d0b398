"""Webhooks as project admins write and read them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, WithJsonSchema

from taskapi.core.fields import Input, Line, Name, NewId, Patch, example
from taskapi.models import DisabledReason
from taskapi.webhooks import subscriptions

_URL: Final = (
    "Where to send: an https:// address that anybody on the internet reaches. Who has a secret in it should know that "
    "the project's admins see it"
)
_EVENTS: Final = (
    "What to send: kinds of `GET /changes/kinds` that every member may read, `task.*` for all that begin so, or `*`"
)
_DESCRIPTION: Final = "What it is for"


def _once_each(choices: list[str]) -> list[str]:
    return list(dict.fromkeys(choices))


Event = Annotated[
    str,
    AfterValidator(subscriptions.known),
    WithJsonSchema({"type": "string", "enum": list(subscriptions.CHOICES)}),
]
Events = Annotated[list[Event], Field(min_length=1, max_length=len(subscriptions.CHOICES)), AfterValidator(_once_each)]


class WebhookCreate(Input):
    """A new webhook of a project."""

    model_config = example(
        url="https://example.com/hooks/taskapi",
        events=["task.*", "comment.created"],
        description="For the build server",
    )

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    url: Line = Field(description=_URL)
    events: Events = Field(description=_EVENTS)
    description: Name | None = Field(None, description=_DESCRIPTION)


class WebhookUpdate(Patch):
    """Absent fields stay."""

    model_config = example(events=["task.completed"], is_active=True)

    url: Line = Field("", description=_URL)
    events: Events = Field([], description=_EVENTS)
    description: Name | None = Field(None, description=_DESCRIPTION)
    is_active: StrictBool = Field(
        True,
        description="False: nothing more is sent, and what happens meanwhile is not kept for it. True: what was "
        "waiting is sent now",
    )


class WebhookRead(BaseModel):
    """A webhook of a project, without its secret."""

    id: UUID
    url: str = Field(description="Where it sends", examples=["https://example.com/hooks/taskapi"])
    events: list[str] = Field(description="What it sends", examples=[["task.*", "comment.created"]])
    description: str | None = Field(description=_DESCRIPTION, examples=["For the build server"])
    is_active: bool = Field(description="Whether it sends at all", examples=[True])
    disabled_reason: DisabledReason | None = Field(
        description="Why the service disabled it: `gone`, the receiver answered 410; `failing`, nothing but failures "
        "for five days; `reclaimed`, who made it took their account back from somebody else. Null: it was an admin, "
        "or nobody"
    )
    old_secret_until: datetime | None = Field(
        description="Until when requests are also signed with the secret before the newest; null: there is none"
    )
    failing_since: datetime | None = Field(
        description="The first failure that no success came after; null: it works, or has sent nothing yet"
    )
    created_by: UUID
    created_at: datetime
    version: int


class WebhookWithSecret(WebhookRead):
    """A webhook with its new secret."""

    secret: str = Field(
        description="What its requests are signed with (Standard Webhooks); shown this once", examples=["whsec_…"]
    )
