"""Members as clients write and read them."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taskapi.core.fields import ClientId, Input, Patch, Sparse, Username, without_defaults
from taskapi.models import ProjectRole

_NOBODY = UUID(int=0)


def _with_an_example(schema: dict[str, Any]) -> None:
    """Made from the fields alone, it would name somebody twice."""
    without_defaults(schema)
    schema["examples"] = [{"username": "maria", "role": "editor"}]


class MemberCreate(Sparse):
    """Somebody by their id or by their username."""

    model_config = ConfigDict(json_schema_extra=_with_an_example)

    user_id: ClientId = _NOBODY
    username: Username = ""
    role: ProjectRole

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if ("user_id" in self.model_fields_set) == ("username" in self.model_fields_set):
            raise ValueError("give user_id or username, and one of them alone")
        return self


class MemberUpdate(Patch):
    """An absent role stays."""

    role: ProjectRole = ProjectRole.VIEWER


class Transfer(Input):
    user_id: ClientId = Field(description="A member of the project")


class UserBrief(BaseModel):
    id: UUID
    username: str
    full_name: str | None


class MemberRead(BaseModel):
    user: UserBrief
    role: ProjectRole
    joined_at: datetime
    version: int
