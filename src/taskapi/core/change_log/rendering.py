"""A change as its readers see it, whichever way they read the log."""

from collections.abc import Mapping
from typing import Final

from taskapi.core.db.statements import Expression
from taskapi.models import Event

# Who acted with which credential, and in which request, is for those who audit the service.
CHANGE_FIELDS: Final[Mapping[str, Expression]] = {
    "id": Event.id,
    "at": Event.at,
    "kind": Event.kind,
    "actor_id": Event.actor_id,
    "project_id": Event.project_id,
    "subject_type": Event.subject_type,
    "subject_id": Event.subject_id,
    "subject_key": Event.subject_key,
    "changes": Event.changes,
    "batch_id": Event.batch_id,
}
