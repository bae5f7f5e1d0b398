"""What can go wrong with recurrences."""

from taskapi.core.errors import Conflict, Invalid


class NotRecurring(Conflict):
    """Set a rule first: PUT `/tasks/{task}/recurrence`. A task that is done has passed its rule to the next one."""

    code, title = "not_recurring", "The task does not come again"


class RecurrenceEnded(Conflict):
    """Its rule has come to its end, by COUNT or UNTIL: complete the task, or set another rule."""

    code, title = "recurrence_ended", "The rule brings no further day"


def never_occurs() -> Invalid:
    detail = "The rule brings no further day, within the years that are looked at"
    return Invalid("The task would not come again", ("/rule", "never_occurs", detail))
