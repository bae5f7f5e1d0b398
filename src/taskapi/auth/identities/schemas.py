"""An identity as its owner sees it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class IdentityRead(BaseModel):
    """An account elsewhere that opens yours."""

    id: UUID
    issuer: str = Field(description="Which provider vouches for you", examples=["https://accounts.example.com"])
    subject: str = Field(description="What the provider calls you; it never changes", examples=["248289761001"])
    email: str | None = Field(
        description="Your address there, if it was verified when you last signed in", examples=["maria@example.com"]
    )
    created_at: datetime
    last_used_at: datetime = Field(description="When you last signed in so", examples=["2026-11-21T09:30:00.000000Z"])
