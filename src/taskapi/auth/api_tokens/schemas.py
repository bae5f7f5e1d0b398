"""Personal API tokens as clients ask for them and see them."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from taskapi.core.access.permissions import Scope
from taskapi.core.clock import utc_now
from taskapi.core.fields import ClientId, Input, Instant, Name, example, without_repeats

_LONGEST: Final = timedelta(days=366)


def _within_a_year(instant: datetime) -> datetime:
    if not timedelta() < instant - utc_now() <= _LONGEST:
        raise ValueError("must be in the future, and no further than a year")
    return instant


Scopes = Annotated[list[Scope], AfterValidator(lambda scopes: sorted(set(scopes)))]
ProjectIds = Annotated[list[ClientId], AfterValidator(without_repeats)]


class ApiTokenCreate(Input):
    """A new API token: what it may do, and until when."""

    model_config = example(
        name="Nightly report", scopes=["projects:read", "tasks:read"], expires_at="2027-06-30T00:00:00Z"
    )

    name: Name = Field(description="What it is for")
    scopes: Scopes = Field(min_length=1, max_length=len(Scope), description="What it may do, at most as you may")
    project_ids: ProjectIds | None = Field(
        None, min_length=1, max_length=100, description="The only projects it opens; all that you are in unless given"
    )
    expires_at: Annotated[Instant, AfterValidator(_within_a_year)] = Field(description="At most a year from now")


class ApiTokenRead(BaseModel):
    """An API token, without its secret."""

    id: UUID
    name: str = Field(description="What it is for", examples=["Nightly report"])
    prefix: str = Field(description="Its first characters, to recognise it by", examples=["tapi_4fQz9c"])
    scopes: list[Scope] = Field(description="What it may do", examples=[[Scope.PROJECTS_READ, Scope.TASKS_READ]])
    project_ids: list[UUID] | None = Field(description="The only projects it opens; null: all that you are in")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="When it was last used, to the minute; null: never")
    last_used_address: str | None = Field(description="From where", examples=["203.0.113.7"])


class ApiTokenCreated(ApiTokenRead):
    """A new API token, with its secret."""

    token: str = Field(
        description="The secret itself. It is shown here only; nobody can show it again", examples=["tapi_4fQz9c…"]
    )
