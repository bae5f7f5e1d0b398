"""What can go wrong when a task is merged into another one."""

from taskapi.core.errors import Conflict
from taskapi.tasks.errors import UnknownReference


class NoCancelledStatus(Conflict):
    """A merged task is cancelled: add a status of the category `cancelled` to its project first."""

    code, title = "no_cancelled_status", "The project has no status for a merged task"


class IsDuplicateItself(Conflict):
    """The task that you named is a cancelled duplicate: merge into the one that it duplicates, or reopen it."""

    code, title = "is_duplicate_itself", "The other task is a cancelled duplicate itself"


def itself() -> UnknownReference:
    return UnknownReference("/into", "same_task", "A task is merged into another one, not into itself")
