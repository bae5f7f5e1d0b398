"""What can go wrong with share links."""

from typing import Final

from taskapi.core.errors import Conflict, Unauthorized

PASSWORD_HEADER: Final = "X-Share-Password"  # noqa: S105 - a name


class TooManyShareLinks(Conflict):
    """Revoke those that nobody needs any more."""

    code, title = "too_many_share_links", "The project has too many share links"


class _Locked(Unauthorized):
    """No `Bearer` in the challenge: signing in would not help."""

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail, **members)
        self.headers["WWW-Authenticate"] = f'SharePassword header="{PASSWORD_HEADER}"'


class SharePasswordRequired(_Locked):
    """Send the password that came with the link in the header X-Share-Password, and never in the address."""

    code, title = "password_required", "This link has a password"


class WrongSharePassword(_Locked):
    """Ask whoever gave you the link. Wrong ones count like failed sign-ins."""

    code, title = "wrong_share_password", "The password of the link is wrong"
