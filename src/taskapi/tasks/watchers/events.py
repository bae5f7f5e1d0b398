"""Facts about who chose to hear of a task, or not to."""

from collections.abc import Mapping
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation, deletion
from taskapi.core.resources.records import Place
from taskapi.tasks.watchers.queries import ChoiceRow


def chose(task: Place, choice: ChoiceRow) -> Fact:
    """For the first time: every field."""
    return _fact(task, choice, creation(_fields(choice)))


def chose_again(task: Place, choice: ChoiceRow) -> Fact:
    return _fact(task, choice, {"watching": (not choice["watching"], choice["watching"])})


def ended(task: Place, choice: ChoiceRow) -> Fact:
    """Nothing is left of it: whoever left the project and comes back has chosen nothing."""
    return Fact("watcher.removed", "watcher", choice["id"], deletion(_fields(choice)), task.project_id, task.key)


def _fact(task: Place, choice: ChoiceRow, changes: Changes) -> Fact:
    kind = "watcher.added" if choice["watching"] else "watcher.removed"
    return Fact(kind, "watcher", choice["id"], changes, task.project_id, task.key)


def _fields(choice: ChoiceRow) -> Mapping[str, UUID | bool]:
    return {
        "id": choice["id"],
        "task_id": choice["task_id"],
        "user_id": choice["user_id"],
        "watching": choice["watching"],
    }
