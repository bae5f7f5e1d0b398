"""What can go wrong with signing in, and with what people sign in with."""

from taskapi.core.errors import Conflict, Forbidden, TooManyRequests, Unauthorized


class InvalidCredentials(Unauthorized):
    """One answer for an unknown account, a wrong password and a disabled account, so that none can be told apart."""

    code, title = "invalid_credentials", "Username or password is wrong"


class TokenReused(Unauthorized):
    """A refresh token was used twice, which an honest client never does: its whole session has been ended."""

    code, title = "token_reused", "The refresh token was used before"


class TotpRequired(Unauthorized):
    """The password was right: ask for a code of the authenticator app, and send both again with `totp_code`."""

    code, title = "totp_required", "A code of your authenticator app is needed too"


class InvalidTotpCode(Unauthorized):
    """Wait for the next one: each code of the app works once. A recovery code does instead, once, too."""

    code, title = "invalid_totp_code", "The code is wrong, or was used before"


class WrongPassword(Forbidden):
    """Of somebody who is signed in. No 401: clients would take that for the end of the session."""

    code, title = "wrong_password", "The password is wrong"


class WrongTotpCode(Forbidden):
    """Of somebody who is signed in. No 401: clients would take that for the end of the session."""

    code, title = "wrong_totp_code", "The code is wrong, or was used before"


class TotpAlreadyOn(Conflict):
    """Switch it off first; that needs the password and a code of the app that is set up."""

    code, title = "totp_already_on", "An authenticator app is set up already"


class TotpNotOn(Conflict):
    """There is nothing to confirm, to switch off or to make recovery codes for; start with `POST /auth/totp`."""

    code, title = "totp_not_on", "No authenticator app is set up"


class EmailTaken(Conflict):
    """Without mail to prove an address, this answer cannot be avoided; see SECURITY.md."""

    code, title = "email_taken", "There is an account with this e-mail address"


class TooManySignIns(TooManyRequests):
    """Too many failed for this account or from this address: wait as many seconds as `Retry-After` says."""

    code, title = "too_many_sign_ins", "Too many failed sign-ins"


class NotAnAdministrator(Forbidden):
    """What concerns everybody's accounts is for administrators of the service."""

    code, title = "forbidden", "Only administrators may do this"
