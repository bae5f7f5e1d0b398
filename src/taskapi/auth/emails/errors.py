"""What can go wrong with the address of an account."""

from taskapi.core.errors import Conflict, Forbidden


class NoEmailChange(Conflict):
    """A change can be undone for seven days: look into the change log when the last one was."""

    code, title = "no_email_change", "There is no change of address to undo"


class EmailTaken(Conflict):
    """Without mail to prove an address, this answer cannot be avoided; see SECURITY.md."""

    code, title = "email_taken", "There is an account with this e-mail address"


class EmailNotVerified(Forbidden):
    """Prove your address first, by the link that was mailed to it; `POST /auth/email/resend` mails another."""

    code, title = "email_not_verified", "Your e-mail address is not proven yet"
