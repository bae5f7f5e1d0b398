"""The limit of a status and what is in it, in SQL."""

from typing import Final, TypedDict

from sqlalchemy import ARRAY, Text, and_, any_, bindparam, func, literal_column, select

from taskapi.core.db.statements import One, prepare
from taskapi.core.lists.paging import MAX_COUNTED
from taskapi.models import Status, Task, TaskPlace


class LimitRow(TypedDict):
    key: str
    wip_limit: int | None


# Held until the transaction ends: the next who enters counts this one, too. It does not keep others from referring to
# the status, so whoever leaves it or is in it waits for nobody.
LIMIT: Final = prepare(
    select(Status.wip_limit)
    .where(Status.project_id == bindparam("project_id"), Status.key == bindparam("status"))
    .with_for_update(key_share=True),
    row=One[int | None],
)
# Of several statuses, those that have one: the others are held by nobody.
LIMITS: Final = prepare(
    select(Status.key, Status.wip_limit)
    .where(
        Status.project_id == bindparam("project_id"),
        Status.key == any_(bindparam("statuses", type_=ARRAY(Text))),
        Status.wip_limit.is_not(None),
    )
    .order_by(Status.key)
    .with_for_update(key_share=True),
    row=LimitRow,
)
_in_it = (
    select(literal_column("1"))
    .select_from(TaskPlace)
    .join(Task, and_(Task.id == TaskPlace.task_id, Task.deleted_at.is_(None)))
    .where(TaskPlace.project_id == bindparam("project_id"), TaskPlace.status == bindparam("status"))
    .limit(literal_column(str(MAX_COUNTED)))
    .subquery()
)
COUNT: Final = prepare(select(func.count()).select_from(_in_it), row=One[int])
