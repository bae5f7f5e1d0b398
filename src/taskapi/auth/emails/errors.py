"""What can go wrong with the address of an account."""

from taskapi.core.errors import Conflict, TooManyRequests


class NoEmailChange(Conflict):
    """A change can be undone for seven days: look into the change log when the last one was."""

    code, title = "no_email_change", "There is no change of address to undo"


class EmailTaken(Conflict):
    """Without mail to prove an address, this answer cannot be avoided; see SECURITY.md."""

    code, title = "email_taken", "There is an account with this e-mail address"


class TooManyMails(TooManyRequests):
    """So that nobody can fill somebody's mailbox: wait as many seconds as `Retry-After` says."""

    code, title = "too_many_mails", "Too many mails within the hour"
