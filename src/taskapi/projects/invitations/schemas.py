"""Invitations as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.core.fields import Email, Input, NewId
from taskapi.models import ProjectRole


class InvitationCreate(Input):
    id: NewId | None = Field(None, description="Made by the server unless you give one")
    email: Email = Field(examples=["maria@example.com"])
    role: ProjectRole


class InvitationAccept(Input):
    token: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")] = Field(
        description="From the link in the mail"
    )


class InvitationRead(BaseModel):
    id: UUID
    email: str
    role: ProjectRole
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    version: int
