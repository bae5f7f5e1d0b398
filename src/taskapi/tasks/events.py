"""Facts about tasks."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation, deletion, difference

Fields = Mapping[str, Any]


def task_created(fields: Fields) -> Fact:
    return _fact("task.created", fields, creation(fields))


def task_changed(kind: str, before: Fields, after: Fields) -> Fact:
    """`kind` is task.updated, .completed, .reopened, .moved, .deleted or .restored."""
    return _fact(kind, after, difference(before, after))


def task_left(fields: Fields) -> Fact:
    """For those who follow the project it moved away from: to them it is gone."""
    return _fact("task.left", fields, deletion(fields))


def task_purged(fields: Fields) -> Fact:
    return _fact("task.purged", fields, deletion(fields))


def _fact(kind: str, fields: Fields, changes: Changes) -> Fact:
    return Fact(kind, "task", UUID(fields["id"]), changes, UUID(fields["project_id"]), fields["key"])
