"""Facts about reminders. When they are due is not told: it follows from the task, and changes with it."""

from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation, deletion
from taskapi.core.resources.document import Fields

_DERIVED = "remind_at"


def reminder_created(fields: Fields, project_id: UUID, task_key: str) -> Fact:
    return _fact("reminder.created", fields, creation(_own(fields)), project_id, task_key)


def reminder_moved(reminder_id: UUID, changes: Changes, project_id: UUID | None, task_key: str | None) -> Fact:
    return Fact("reminder.updated", "reminder", reminder_id, changes, project_id, task_key)


def reminder_deleted(fields: Fields, project_id: UUID, task_key: str) -> Fact:
    return _fact("reminder.deleted", fields, deletion(_own(fields)), project_id, task_key)


def _own(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name != _DERIVED}


def _fact(kind: str, fields: Fields, changes: Changes, project_id: UUID, task_key: str) -> Fact:
    return Fact(kind, "reminder", UUID(fields["id"]), changes, project_id, task_key)
