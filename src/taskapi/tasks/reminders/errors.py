"""What can go wrong with reminders."""

from taskapi.core.errors import Conflict


class TooManyReminders(Conflict):
    """Delete one of yours of this task first."""

    code, title = "too_many_reminders", "You have too many reminders of this task"
