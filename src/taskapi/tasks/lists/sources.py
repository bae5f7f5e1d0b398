"""The projects whose tasks somebody who is signed in may list."""

from functools import lru_cache
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam

from taskapi.core.access import reach as reaches
from taskapi.core.access.reach import Reach, membership
from taskapi.core.callers import Caller
from taskapi.core.db.statements import as_text
from taskapi.core.http.references import ById, Reference
from taskapi.core.lists.sources import Origin, Source
from taskapi.models import Project
from taskapi.tasks.queries import project_named

_LIVING: Final = Project.deleted_at.is_(None)


def of_caller(caller: Caller, reach: Reach, project: Reference | None) -> Source:
    """One project, or all that are not archived."""
    values = {} if reach is Reach.ADMINISTRATOR else reaches.values(caller)
    named = project_named(project) if project is not None else {}
    return Source(_origin(reach, None if project is None else project.by), {**values, **named}, {})


@lru_cache(16)
def _origin(reach: Reach, by: str | None) -> Origin:
    if by is None:
        meant: ColumnElement[bool] = Project.archived_at.is_(None)
    else:
        meant = Project.id == bindparam("project_id") if by == ById.by else Project.key == bindparam("key")
    if reach is Reach.ADMINISTRATOR:
        return Origin("projects", "projects.id", as_text(and_(_LIVING, meant)))
    return Origin(
        start="members JOIN projects ON projects.id = members.project_id",
        home="members.project_id",
        condition=as_text(and_(membership(reach), _LIVING, meant)),
    )
