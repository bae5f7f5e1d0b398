"""What can go wrong while signing in."""

from taskapi.core.errors import Forbidden, TooManyRequests, Unauthorized


class InvalidCredentials(Unauthorized):
    """One answer for an unknown account, a wrong password and a disabled account, so that none can be told apart."""

    code, title = "invalid_credentials", "Username or password is wrong"


class TokenReused(Unauthorized):
    """A refresh token was used twice, which an honest client never does: its whole session has been ended."""

    code, title = "token_reused", "The refresh token was used before"


class TooManySignIns(TooManyRequests):
    """Too many failed for this account or from this address: wait as many seconds as `Retry-After` says."""

    code, title = "too_many_sign_ins", "Too many failed sign-ins"


class NotAnAdministrator(Forbidden):
    """What concerns everybody's accounts is for administrators of the service."""

    code, title = "forbidden", "Only administrators may do this"
