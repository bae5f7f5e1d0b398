"""What can go wrong with tasks."""

from taskapi.core.errors import Conflict, Invalid, NotFound
from taskapi.core.http import references
from taskapi.core.http.references import Reference


class ParentCycle(Conflict):
    """The parent you named is the task itself, or one of its subtasks at some depth."""

    code, title = "parent_cycle", "A task cannot be below itself"


class TooDeep(Conflict):
    """Subtasks hang at most five levels below a task that has no parent, those below the one you move included."""

    code, title = "too_deep", "Subtasks would hang too deep"


class TooManySubtasks(Conflict):
    """A task moves to another project with all its subtasks in one step: move some of them first."""

    code, title = "too_many_subtasks", "The task has too many subtasks for one step"


class NoSuchStatus(Conflict):
    """Completing and reopening need a status of the right category."""

    code, title = "no_such_status", "The project has no status for this"


class UnknownReference(Invalid):
    """The same answer for what does not exist and for what you may not see."""

    def __init__(self, pointer: str, code: str, detail: str) -> None:
        super().__init__(detail, (pointer, code, detail))


def unknown_status(pointer: str = "/status") -> UnknownReference:
    return UnknownReference(pointer, "unknown_status", "The project has no status with this key")


def unknown_parent() -> UnknownReference:
    return UnknownReference("/parent_id", "unknown_parent", "The project has no task with this id")


def unknown_assignee(index: int) -> UnknownReference:
    return UnknownReference(f"/assignee_ids/{index}", "unknown_assignee", "The project has no member with this id")


def unknown_neighbour(pointer: str) -> UnknownReference:
    return UnknownReference(pointer, "unknown_task", "The project has no task with this id or key")


def parsed_neighbour(name: str, pointer: str) -> Reference:
    try:
        return references.task(name)
    except NotFound:
        raise unknown_neighbour(pointer) from None
