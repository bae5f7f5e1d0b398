"""How the service says that it is well."""

from enum import StrEnum

from pydantic import BaseModel, Field


class State(StrEnum):
    """How a part of the service is."""

    OK = "ok"
    FAILING = "failing"
    DRAINING = "draining"
    BEHIND = "behind"
    AHEAD = "ahead"


class Live(BaseModel):
    """The process answers."""

    status: State = Field(State.OK, description="`ok`, or there is no answer at all", examples=[State.OK])


class Ready(BaseModel):
    """Whether requests may come."""

    status: State = Field(description="`ok`, or why no requests should come", examples=[State.OK])
    checks: dict[str, State] = Field(
        description="Each part that is needed. `migrations` are `behind` until they are applied, which is not ready, "
        "and `ahead` where a newer version has applied its own, which is",
        examples=[{"database": State.OK, "migrations": State.OK}],
    )
    writes: bool = Field(
        description="Whether changes are taken; while they are not, for want of space or as a standby, reads go on",
        examples=[True],
    )


class Health(BaseModel):
    """The service as a whole."""

    status: State = Field(description="`ok`, or there is no answer at all", examples=[State.OK])
    version: str = Field(description="The version of this service", examples=["1.0.0"])
    components: dict[str, str] | None = Field(
        None, description="The version of every part; for administrators", examples=[{"postgresql": "17.2"}]
    )
