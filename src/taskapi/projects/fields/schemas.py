"""Custom fields as clients write and read them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from taskapi.core.fields import Color, Input, Name, NewId, Patch, StatusKey, example
from taskapi.models import FieldType

MOST = 50
MOST_OPTIONS = 200
FieldKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Position = Annotated[int, Field(strict=True, ge=0, le=MOST - 1)]


class FieldOption(Input):
    """One of the values that a `select` or `multi_select` takes."""

    key: StatusKey | None = Field(None, description="What values say; made from the name unless you give one")
    name: Name = Field(description="What people call it", examples=["High"])
    color: Color | None = Field(None, description="`#` and six hexadecimal digits")


Options = Annotated[list[FieldOption], Field(max_length=MOST_OPTIONS)]


class FieldCreate(Input):
    """A new custom field of a project."""

    model_config = example(
        key="severity", name="Severity", type="select", options=[{"name": "Low"}, {"name": "High", "color": "#d73a4a"}]
    )

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    key: FieldKey = Field(description="What `fields` of a task call it; never changes")
    name: Name = Field(description="What people call it")
    type: FieldType = Field(description="What its values are; never changes")
    options: Options = Field(default_factory=list, description="What a select takes, in the order people see it")
    required: StrictBool = Field(False, description="Whether new tasks need a value; false unless you say so")
    position: Position | None = Field(None, description="Among the fields, from 0; beyond the last, or not given: last")


class FieldUpdate(Patch):
    """Absent fields stay. An option is known by its key or, without one, by its name."""

    model_config = example(name="How bad", required=True)

    name: Name = Field("", description="What people call it")
    options: Options = Field(default_factory=list, description="All that it takes; one that tasks have cannot go")
    required: StrictBool = Field(False, description="Whether new tasks need a value; those that are there stay as is")
    position: Position = Field(0, description="Among the fields, from 0; beyond the last: last")


class FieldOptionRead(BaseModel):
    """One of the values that a `select` or `multi_select` takes."""

    key: str = Field(description="What values say; never changes", examples=["high"])
    name: str = Field(description="What people call it", examples=["High"])
    color: str | None = Field(description="`#` and six hexadecimal digits", examples=["#d73a4a"])


class FieldRead(BaseModel):
    """A custom field of a project."""

    id: UUID
    key: str = Field(description="What `fields` of a task call it", examples=["severity"])
    name: str = Field(description="What people call it", examples=["Severity"])
    type: FieldType = Field(description="What its values are", examples=[FieldType.SELECT])
    options: list[FieldOptionRead] = Field(description="What a select takes, in order; empty for other types")
    required: bool = Field(description="Whether new tasks need a value", examples=[False])
    position: int = Field(description="Among the fields, from 0", examples=[0])
    version: int
