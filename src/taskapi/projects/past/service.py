"""A project as it was at a moment, for those who may read it now."""

from datetime import datetime
from typing import Final

import pydantic_core

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.states import nothing_known, state_at
from taskapi.core.db.session import DbSession
from taskapi.models import EstimateUnit
from taskapi.projects import service as projects
from taskapi.projects.schemas import ProjectRead

# Who owns it stands in the rows of its members.
_KINDS: Final = [
    kind.value for kind in ChangeKind if kind.family == "project" and kind is not ChangeKind.PROJECT_TRANSFERRED
]
# Projects were made before these fields were, and were so.
_SHAPE: Final[dict[str, object]] = {
    **dict.fromkeys(ProjectRead.model_fields),
    "estimate_unit": EstimateUnit.POINTS,
    "defaults": {},
    "archived": False,
    "is_template": False,
}


async def get_project_at(session: DbSession, caller: Caller, project: str, at: datetime) -> str:
    """As JSON, in the same form as it is read now; the caller's own place in it is that of today."""
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    fields = await state_at(session, row["id"], _KINDS, at, _SHAPE)
    if fields is None:
        raise await nothing_known(session, row["id"], ChangeKind.PROJECT_CREATED)
    return pydantic_core.to_json({**fields, "role": row["role"], "is_favourite": row["is_favourite"]}).decode()
