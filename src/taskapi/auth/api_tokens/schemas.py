"""Personal API tokens as clients ask for them and see them."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from taskapi.core.access.permissions import Scope
from taskapi.core.clock import utc_now
from taskapi.core.fields import ClientId, Input, Instant, Name, without_repeats

_LONGEST: Final = timedelta(days=366)


def _within_a_year(instant: datetime) -> datetime:
    if not timedelta() < instant - utc_now() <= _LONGEST:
        raise ValueError("must be in the future, and no further than a year")
    return instant


Scopes = Annotated[list[Scope], AfterValidator(lambda scopes: sorted(set(scopes)))]
ProjectIds = Annotated[list[ClientId], AfterValidator(without_repeats)]


class ApiTokenCreate(Input):
    name: Name = Field(description="What it is for", examples=["Nightly report"])
    scopes: Scopes = Field(min_length=1, max_length=len(Scope), description="What it may do, at most as you may")
    project_ids: ProjectIds | None = Field(
        None, min_length=1, max_length=100, description="The only projects it opens; all that you are in unless given"
    )
    expires_at: Annotated[Instant, AfterValidator(_within_a_year)] = Field(description="At most a year from now")


class ApiTokenRead(BaseModel):
    id: UUID
    name: str
    prefix: str = Field(description="Its first characters, to recognise it by", examples=["tapi_4fQz9c"])
    scopes: list[Scope]
    project_ids: list[UUID] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="Noted once a minute")
    last_used_address: str | None


class ApiTokenCreated(ApiTokenRead):
    token: str = Field(description="The secret itself. It is shown here only; nobody can show it again")
