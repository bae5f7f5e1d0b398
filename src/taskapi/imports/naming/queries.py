"""What a project has under the names of a file, in SQL. The import has been loaded before, and its project with it."""

from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, any_, bindparam, func, or_, select

from taskapi.core.db.statements import prepare, prepare_text
from taskapi.models import Label, Member, Status, User


class StatusRow(TypedDict):
    key: str
    name: str
    category: str


class LabelRow(TypedDict):
    id: UUID
    name: str


class PersonRow(TypedDict):
    id: UUID
    email: str | None
    username: str
    full_name: str | None


_names = bindparam("names", type_=ARRAY(Text))
_here = bindparam("of_project", type_=Uuid)

STATUSES: Final = prepare(
    select(Status.key, Status.name, Status.category)
    .where(Status.project_id == _here)
    .order_by(Status.position, Status.id),
    row=StatusRow,
)
LABELS: Final = prepare(
    select(Label.id, func.lower(Label.name).label("name")).where(
        Label.project_id == _here, func.lower(Label.name) == any_(_names)
    ),
    row=LabelRow,
)


class PlanRow(TypedDict):
    kind: str
    id: UUID
    name: str


# Not held: one that goes at this moment is a foreign key that does not hold, and the batch begins anew.
PLANS: Final = prepare_text(
    """
    SELECT 'milestone' AS kind, id, lower(name) AS name FROM milestones WHERE project_id = $of_project::uuid
    UNION ALL
    SELECT 'cycle', id, lower(name) FROM cycles WHERE project_id = $of_project::uuid
    """,
    row=PlanRow,
)
# Among the members alone: a file tells nobody who else has an account.
PEOPLE: Final = prepare(
    select(User.id, User.email, User.username, User.full_name)
    .join(Member, and_(Member.user_id == User.id, Member.project_id == _here))
    .where(
        or_(
            func.lower(User.email) == any_(_names),
            func.lower(User.username) == any_(_names),
            func.lower(User.full_name) == any_(_names),
        )
    ),
    row=PersonRow,
)
