"""What can go wrong with mails."""

from taskapi.core.errors import TooManyRequests


class TooManyMails(TooManyRequests):
    code, title = "too_many_mails", "Too many mails within the hour"
