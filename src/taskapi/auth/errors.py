"""What can go wrong with whatever asks people to prove who they are."""

from taskapi.core.errors import Forbidden, TooManyRequests


class WrongPassword(Forbidden):
    """You are signed in, and gave a wrong password. No 401: clients would take that for the end of the session."""

    code, title = "wrong_password", "The password is wrong"


class TooManySignIns(TooManyRequests):
    """Too many failed for this account or from this address: wait as many seconds as `Retry-After` says.

    `RateLimit` names which limit it is.
    """

    code, title = "too_many_sign_ins", "Too many failed sign-ins"
    told_as = "user.sign_in_throttled"


class NotAnAdministrator(Forbidden):
    """What concerns everybody's accounts is for administrators of the service."""

    code, title = "forbidden", "Only administrators may do this"
