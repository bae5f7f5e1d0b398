"""Rolling over, as clients ask for it and are answered."""

from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import ClientId, Input, example


class RollOver(Input):
    """Where the open tasks of a cycle go."""

    model_config = example()

    to: ClientId | None = Field(None, description="The id of another cycle of the project; the next one unless given")


# What no body says.
NEXT = RollOver(to=None)


class RolledOver(BaseModel):
    """What became of the open tasks of a cycle."""

    to: UUID = Field(description="The id of the cycle that they are in now")
    moved: int = Field(description="How many there were", examples=[3])
