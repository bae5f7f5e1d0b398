"""How the service says that it is well."""

from enum import StrEnum

from pydantic import BaseModel, Field


class State(StrEnum):
    OK = "ok"
    FAILING = "failing"
    DRAINING = "draining"


class Live(BaseModel):
    status: State = State.OK


class Ready(BaseModel):
    status: State
    checks: dict[str, State]


class Health(BaseModel):
    status: State
    version: str
    components: dict[str, str] | None = Field(None, description="For administrators")
