"""What can go wrong with a batch beside what goes wrong in its operations."""

from taskapi.core.errors import AppError, Conflict, Invalid


class ReferenceFailed(Conflict):
    """The operation refers to one before it that failed: it was not tried. Mend that one, and send both again."""

    code, title = "reference_failed", "What this refers to has failed"


class UnknownResult(Invalid):
    """`$n.id` is the id of what operation n answered: one that comes earlier, counted from 0, and answers a task."""

    code, title = "unknown_result", "There is no such result to refer to"

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail, (pointer, self.code, detail))


def of_operation(index: int, error: AppError) -> AppError:
    """The failure of an operation, as one of the batch: it says which, and its pointers lead into the whole body."""
    error.members["index"] = index
    for fault in error.members.get("errors", ()):
        fault["pointer"] = f"/operations/{index}{fault['pointer']}"
    return error
