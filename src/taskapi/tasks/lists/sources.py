"""The projects whose tasks somebody who is signed in may list."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select
from sqlalchemy.orm import aliased

from taskapi.core.access import reach as reaches
from taskapi.core.access.reach import Reach, membership
from taskapi.core.callers import Caller
from taskapi.core.db.statements import as_text
from taskapi.core.http.references import ById, Reference
from taskapi.core.lists.sources import Origin, Source
from taskapi.models import Member, Project
from taskapi.tasks.queries import project_named

_LIVING: Final = Project.deleted_at.is_(None)


def of_caller(caller: Caller, reach: Reach, project: Reference | None, *, with_children: bool = False) -> Source:
    """One project, or all that are not archived and no templates.

    `with_children`: and those below it, at whatever depth, that the caller is in. Administrators who are not in it see
    the one project, for their look into it is told of that one.
    """
    values = {} if reach is Reach.ADMINISTRATOR else reaches.values(caller)
    named = project_named(project) if project is not None else {}
    below = with_children and reach is not Reach.ADMINISTRATOR
    return Source(_origin(reach, None if project is None else project.by, below=below), {**values, **named}, {})


@lru_cache(32)
def _origin(reach: Reach, by: str | None, *, below: bool) -> Origin:
    if by is None:
        meant: ColumnElement[bool] = and_(Project.archived_at.is_(None), Project.is_template.is_(false()))
    elif below:
        meant = _at_or_below(reach, by)
    else:
        meant = _is(Project, by)
    if reach is Reach.ADMINISTRATOR:
        return Origin("projects", "projects.id", as_text(and_(_LIVING, meant)))
    return Origin(
        start="members JOIN projects ON projects.id = members.project_id",
        home="members.project_id",
        condition=as_text(and_(membership(reach), _LIVING, meant)),
        is_everywhere=by is None and reach is Reach.MEMBER,
    )


def _is(project: Any, by: str) -> ColumnElement[bool]:  # noqa: ANN401 - Project, or an alias of it
    found: ColumnElement[bool] = (
        project.id == bindparam("project_id") if by == ById.by else project.key == bindparam("key")
    )
    return found


def _at_or_below(reach: Reach, by: str) -> ColumnElement[bool]:
    """The project, if the caller is in it, and what is below it but is not archived."""
    root, mine, child = aliased(Project), aliased(Member), aliased(Project)
    start = select(root.id).join(mine, and_(mine.project_id == root.id, membership(reach, mine)))
    tree = start.where(_is(root, by), root.deleted_at.is_(None)).cte("tree", recursive=True)
    tree = tree.union(select(child.id).join(tree, child.parent_id == tree.c.id).correlate(None))
    in_tree = select(tree.c.id).correlate(None).scalar_subquery()
    return and_(Project.id.in_(in_tree), or_(Project.archived_at.is_(None), _is(Project, by)))
