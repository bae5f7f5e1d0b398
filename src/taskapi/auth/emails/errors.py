"""What can go wrong with mails."""

from taskapi.core.errors import TooManyRequests


class TooManyMails(TooManyRequests):
    """So that nobody can fill somebody's mailbox: wait as many seconds as `Retry-After` says."""

    code, title = "too_many_mails", "Too many mails within the hour"
