"""Invitations as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.core.fields import Email, Input, NewId, example
from taskapi.models import ProjectRole


class InvitationCreate(Input):
    """Whom to invite, and as what."""

    model_config = example(email="otto@example.com", role="editor")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    email: Email = Field(description="Where the link goes; whoever reads it there may join")
    role: ProjectRole = Field(description="Not above your own")


class InvitationAccept(Input):
    """What the link in the mail carries."""

    model_config = example(token="c29tZSBsb25nIHNlY3JldA")

    token: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")] = Field(
        description="From the link in the mail"
    )


class InvitationRead(BaseModel):
    """An invitation that is open."""

    id: UUID
    email: str = Field(description="Where the link went", examples=["otto@example.com"])
    role: ProjectRole = Field(description="The role that it gives", examples=[ProjectRole.EDITOR])
    invited_by: UUID = Field(description="The id of the user who sent it")
    created_at: datetime
    expires_at: datetime
    version: int
