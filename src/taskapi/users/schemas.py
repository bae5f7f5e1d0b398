"""Registration, profile, and the administrators' list."""

from typing import Annotated

from pydantic import Field, StrictBool

from taskapi.auth.schemas import Password
from taskapi.core.fields import Email, Input, Locale, Name, Patch, SearchText, Timezone, Username
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.models import SystemRole

SORTS = ("created_at", "username", "email")


class Register(Input):
    username: Username
    email: Email
    password: Password
    full_name: Name | None = None
    timezone: Timezone = "UTC"


class ProfileUpdate(Patch):
    full_name: Name | None = None
    timezone: Timezone = "UTC"
    locale: Locale = "en"
    email: Email = Field("", description="Yours once it is confirmed; needs `current_password`")
    current_password: Password = ""


class UserUpdate(Patch):
    """What administrators may change about somebody."""

    role: SystemRole = SystemRole.USER
    is_active: StrictBool = True


class UserFilter(PageParams):
    q: SearchText | None = Field(None, description="Part of the username, the full name or the e-mail address")
    role: SystemRole | None = None
    is_active: bool | None = None
    sort: Annotated[str, Sorts(*SORTS)] = Field("created_at", description=f"Of {', '.join(SORTS)}; `-` turns it round")
