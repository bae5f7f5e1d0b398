"""Members as clients write and read them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from taskapi.core.fields import ClientId, Input, Patch, Username, example
from taskapi.models import ProjectRole

_NOBODY = UUID(int=0)
_CAPACITY = "How much they can do in a week, counted as the project's estimates are: in points, or in minutes"
Capacity = Annotated[float, Field(strict=True, gt=0, le=1_000_000, allow_inf_nan=False)]


class MemberCreate(Input):
    """Whom to add, by their id or by their username, and as what."""

    model_config = example(username="maria", role="editor")

    user_id: ClientId = Field(_NOBODY, description="The id of somebody who is not in the project")
    username: Username = Field("", description="The username of somebody who is not in the project")
    role: ProjectRole = Field(description="Not above your own")

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if ("user_id" in self.model_fields_set) == ("username" in self.model_fields_set):
            raise ValueError("give user_id or username, and one of them alone")
        return self


class MemberUpdate(Patch):
    """An absent field stays."""

    model_config = example(role="editor", weekly_capacity=20)

    role: ProjectRole = Field(ProjectRole.VIEWER, description="Not above your own")
    weekly_capacity: Capacity | None = Field(None, description=f"{_CAPACITY}; null: nobody knows")


class Transfer(Input):
    """Who owns the project from now on."""

    model_config = example(user_id="01990f0e-7b1c-7e4a-9d3e-2f6b8c1a5d70")

    user_id: ClientId = Field(description="The id of a member of the project")


class UserBrief(BaseModel):
    """A user, as everybody in their projects sees them."""

    id: UUID
    username: str = Field(description="What they sign in with", examples=["maria"])
    full_name: str | None = Field(description="What people call them", examples=["Maria Berger"])


class MemberRead(BaseModel):
    """A member of a project."""

    user: UserBrief = Field(description="Who it is")
    role: ProjectRole = Field(description="Theirs in this project", examples=[ProjectRole.EDITOR])
    joined_at: datetime = Field(description="Since when they are in it", examples=["2026-11-21T09:30:00.000000Z"])
    weekly_capacity: float | None = Field(description=_CAPACITY, examples=[20])
    version: int
