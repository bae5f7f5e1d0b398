"""What can go wrong with statuses."""

from taskapi.core.errors import Conflict, Invalid


class StatusInUse(Conflict):
    """Tasks have this status, those in the trash included: move them first, or delete it with `?move_to=`."""

    code, title = "status_in_use", "Tasks have this status"


class LastOpenStatus(Conflict):
    """New and reopened tasks need a status to be in: make another one that is neither done nor cancelled first."""

    code, title = "last_open_status", "The project needs a status that tasks can start in"


class TooManyStatuses(Conflict):
    """Delete one, and let its tasks move to another."""

    code, title = "too_many_statuses", "The project has too many statuses"


class WipLimitReached(Conflict):
    """`limit` says how many tasks the status takes, `count` how many are in it: finish one, or raise the limit."""

    code, title = "wip_limit_reached", "The status takes no more tasks"


def no_target() -> Invalid:
    detail = "The project has no other status with this key or id"
    return Invalid(detail, ("/query/move_to", "unknown_status", detail))
