"""Markers: what a change of somebody's access means for a copy that they keep. They are no rows of the log."""

from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from taskapi.core.access.permissions import Permission, Scope
from taskapi.core.change_log.kinds import Described


class Marker(Described):
    """Told beside the changes, to one reader alone."""

    LOST = "project.lost", "You see this project no more: forget it, with all that is in it"
    GAINED = "project.gained", "You see this project from now on: load it whole"


PERMISSION: Final = Permission.PROJECT_READ
SCOPE: Final = Scope.PROJECTS_READ


def body(marker: str, change_id: UUID, at: str | datetime, project_id: UUID, key: str | None) -> str:
    """As a change that nobody made, with the id and the time of the one that it follows from."""
    fields: dict[str, object] = {
        "id": change_id,
        "at": at,
        "kind": marker,
        "actor_id": None,
        "project_id": project_id,
        "subject_type": "project",
        "subject_id": project_id,
        "subject_key": key,
        "changes": {},
        "batch_id": None,
    }
    return to_json(fields).decode()
