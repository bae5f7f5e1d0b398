"""What the defaults of a project name, in SQL. The project has been loaded, and locked, with the caller before."""

from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, cast, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSONB

from taskapi.core.db.statements import One, prepare
from taskapi.core.resources.document import Versioned
from taskapi.models import Label, Member, Project, Status
from taskapi.projects.queries import project_body

_ids = bindparam("ids", type_=ARRAY(Uuid))
STATUSES: Final = prepare(
    select(Status.id).where(Status.project_id == bindparam("project_id"), Status.key == bindparam("key")),
    row=One[UUID],
)
MEMBERS: Final = prepare(
    select(Member.user_id).where(Member.project_id == bindparam("project_id"), Member.user_id == any_(_ids)),
    row=One[UUID],
)
LABELS: Final = prepare(
    select(Label.id).where(Label.project_id == bindparam("project_id"), Label.id == any_(_ids)), row=One[UUID]
)


class ForgottenRow(Versioned):
    defaults_before: str


_user = cast(bindparam("of_user", type_=Uuid), Text)
_assignees = Project.defaults[literal_column("'assignee_ids'")]
_theirs = (
    select(Project.id, cast(Project.defaults, Text).label("defaults_before"))
    .where(Project.id == bindparam("of_project"), func.jsonb_exists(_assignees, _user))
    .with_for_update(key_share=True)
    .cte("theirs")
)
FORGET_MEMBER: Final = prepare(
    update(Project)
    .where(Project.id == _theirs.c.id)
    .values(
        defaults=func.jsonb_set(
            Project.defaults, literal_column("'{assignee_ids}'::text[]"), _assignees.op("-")(_user), type_=JSONB
        ),
        version=Project.version + 1,
        updated_at=bindparam("now"),
    )
    .returning(project_body(literal_column("NULL", Text)), Project.version, _theirs.c.defaults_before),
    row=ForgottenRow,
)
