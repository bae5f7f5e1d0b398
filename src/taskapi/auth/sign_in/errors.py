"""What can go wrong with signing in."""

from taskapi.core.errors import Unauthorized


class InvalidCredentials(Unauthorized):
    """One answer for an unknown account, a wrong password and a disabled account, so that none can be told apart."""

    code, title = "invalid_credentials", "Username or password is wrong"


class TotpRequired(Unauthorized):
    """The password was right: ask for a code of the authenticator app, and send both again with `totp_code`."""

    code, title = "totp_required", "A code of your authenticator app is needed too"


class InvalidTotpCode(Unauthorized):
    """Wait for the next one: each code of the app works once. A recovery code does instead, once, too."""

    code, title = "invalid_totp_code", "The code is wrong, or was used before"
