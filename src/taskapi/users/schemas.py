"""Registration, profile, and the administrators' list."""

from typing import Annotated

from pydantic import Field, StrictBool

from taskapi.auth.schemas import Password
from taskapi.core.fields import Email, Input, Locale, Name, NewUsername, Patch, SearchText, Timezone, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.models import SystemRole

SORTS = ("created_at", "username", "email")


class Register(Input):
    """A new account."""

    model_config = example(
        username="maria",
        email="maria@example.com",
        password="seven-green-lanterns-42",
        full_name="Maria Berger",
        timezone="Europe/Vienna",
    )

    username: NewUsername = Field(description="What you sign in with and are mentioned by; case does not matter")
    email: Email = Field(description="Where mail reaches you; a link sent there proves that it is yours")
    password: Password = Field(description="12 to 128 characters, neither common nor made of your name or address")
    full_name: Name | None = Field(None, description="What people call you")
    timezone: Timezone = Field("UTC", description="An IANA name, as `Europe/Vienna`; `UTC` unless you give one")


class ProfileUpdate(Patch):
    """Absent fields stay; null clears, where that is allowed."""

    model_config = example(full_name="Maria Berger", timezone="Europe/Vienna", locale="de-AT")

    full_name: Name | None = Field(None, description="What people call you")
    timezone: Timezone = Field("UTC", description="An IANA name, as `Europe/Vienna`")
    locale: Locale = Field("en", description="A language, and a region if you like: `de`, `de-AT`")
    email: Email = Field("", description="Yours once it is confirmed; needs `current_password`")
    current_password: Password = Field("", description="The one you sign in with; needed only for a new address")


class UserUpdate(Patch):
    """What administrators may change about somebody."""

    model_config = example(role="admin")

    role: SystemRole = Field(SystemRole.USER, description="What they may do in the whole service")
    is_active: StrictBool = Field(True, description="False: they cannot sign in, and all their tokens are dead")


class UserFilter(PageParams):
    q: SearchText | None = Field(None, description="Part of the username, the full name or the e-mail address")
    role: SystemRole | None = Field(None, description="What they may do in the whole service")
    is_active: bool | None = Field(None, description="Whether they may sign in")
    sort: Annotated[str, Sorts(*SORTS)] = Field("created_at", description=f"Of {', '.join(SORTS)}; `-` turns it round")
