"""Registration, profile, and the administrators' list."""

from typing import Annotated

from pydantic import Field, StrictBool, StringConstraints

from taskapi.core.fields import Email, Input, Locale, Name, Patch, SearchText, Timezone, Username
from taskapi.core.pagination import PageParams
from taskapi.core.passwords import MAX_LENGTH
from taskapi.core.sorting import sort_parameter
from taskapi.models import SystemRole

SORTS = ("created_at", "username", "email")


class Register(Input):
    username: Username
    email: Email
    password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]
    full_name: Name | None = None
    timezone: Timezone = "UTC"


class ProfileUpdate(Patch):
    full_name: Name | None = None
    timezone: Timezone = "UTC"
    locale: Locale = "en"


class UserUpdate(Patch):
    """What administrators may change about somebody."""

    role: SystemRole = SystemRole.USER
    is_active: StrictBool = True


class UserFilter(PageParams):
    q: SearchText | None = Field(None, description="Part of the username, the full name or the e-mail address")
    role: SystemRole | None = None
    is_active: bool | None = None
    sort: sort_parameter(SORTS) = Field("created_at", description=f"Of {', '.join(SORTS)}; `-` turns it round")  # type: ignore[valid-type]
