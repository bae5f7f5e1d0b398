"""Facts about tasks."""

from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation, deletion, difference
from taskapi.core.resources.document import Fields

_PLACE = frozenset({"status", "status_category", "rank"})


def task_created(fields: Fields) -> Fact:
    return _fact("task.created", fields, creation(fields))


def task_changed(before: Fields, after: Fields) -> Fact:
    """The kind says what happened, whichever route it came by: a task closed by a PATCH is completed, too."""
    changes = difference(before, after)
    return _fact(_kind(changes), after, changes)


def _kind(changes: Changes) -> str:
    """The first that fits; the order is part of the HTTP contract."""
    if "deleted_at" in changes:
        return "task.restored" if changes["deleted_at"][1] is None else "task.deleted"
    if "completed_at" in changes:
        return "task.reopened" if changes["completed_at"][1] is None else "task.completed"
    if "project_id" in changes or changes.keys() <= _PLACE:
        return "task.moved"
    return "task.updated"


def task_left(fields: Fields) -> Fact:
    """For those who follow the project it moved away from: to them it is gone."""
    return _fact("task.left", fields, deletion(fields))


def task_purged(fields: Fields) -> Fact:
    return _fact("task.purged", fields, deletion(fields))


def _fact(kind: str, fields: Fields, changes: Changes) -> Fact:
    return Fact(kind, "task", UUID(fields["id"]), changes, UUID(fields["project_id"]), fields["key"])
