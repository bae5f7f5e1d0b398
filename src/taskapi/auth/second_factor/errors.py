"""What can go wrong with setting up an authenticator app, and with taking it off."""

from taskapi.core.errors import Conflict, Forbidden


class WrongTotpCode(Forbidden):
    """You are signed in, and gave a wrong code. No 401: clients would take that for the end of the session."""

    code, title = "wrong_totp_code", "The code is wrong, or was used before"


class TotpAlreadyOn(Conflict):
    """Switch it off first; that needs the password and a code of the app that is set up."""

    code, title = "totp_already_on", "An authenticator app is set up already"


class TotpNotOn(Conflict):
    """There is nothing to confirm, to switch off or to make recovery codes for; start with `POST /auth/totp`."""

    code, title = "totp_not_on", "No authenticator app is set up"
