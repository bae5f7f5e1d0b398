"""What stops a change of many tasks. Nothing is written then, and the refusal says because of which."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final
from uuid import UUID

from taskapi.core.errors import MAX_FAULTS, AppError, Forbidden, Invalid, NotFound
from taskapi.projects.errors import ProjectArchived

_OURS: Final = 500


class TooManyAssignees(Invalid):
    """A task has at most fifty assignees: take some off in the same request, with `remove_assignee_ids`."""

    code, title = "too_many_assignees", "A task would have too many assignees"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, ("/add_assignee_ids", self.code, detail))


class TooManyLabelsOfTask(Invalid):
    """A task has at most a hundred labels: take some off in the same request, with `remove_label_ids`."""

    code, title = "too_many_labels_of_task", "A task would have too many labels"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, ("/add_label_ids", self.code, detail))


class TooManyTasks(Invalid):
    """Narrow the filter, and send the change again for the rest."""

    code, title = "too_many_tasks", "The filter finds too many tasks"


def not_found(places: Iterable[int]) -> NotFound:
    """Told by their places in the request, so that a foreign id is refused like a missing one."""
    pointers = [f"/ids/{place}" for place in islice(places, MAX_FAULTS)]
    return NotFound(
        f"There are no such tasks, or you are not in their projects; `pointers` names the first {MAX_FAULTS}",
        pointers=pointers,
    )


def forbidden(refusal: Forbidden, task_ids: Iterable[UUID]) -> Forbidden:
    return Forbidden(refusal.detail, task_ids=_first(task_ids))


def archived(task_ids: Iterable[UUID]) -> ProjectArchived:
    return ProjectArchived("Leave out the tasks of archived projects, or unarchive these", task_ids=_first(task_ids))


@contextmanager
def about(task_id: UUID) -> Iterator[None]:
    """A refusal of one task's change is one of the whole, which names it; its pointers lead into the patch."""
    try:
        yield
    except AppError as error:
        if error.status < _OURS:
            error.members["task_ids"] = [str(task_id)]
            for fault in error.members.get("errors", ()):
                fault["pointer"] = f"/patch{fault['pointer']}"
        raise


def _first(task_ids: Iterable[UUID]) -> list[str]:
    return [str(task_id) for task_id in islice(task_ids, MAX_FAULTS)]
