"""Members in SQL. The project has been loaded with the caller before."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Uuid, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import array

from taskapi.core.db.statements import Expression, Statement, as_json, prepare
from taskapi.core.lists.paging import count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import Member, ProjectRole, Task, TaskAssignee, User

_FIELDS: dict[str, Expression] = {
    "user": as_json({"id": User.id, "username": User.username, "full_name": User.full_name}, cast_to_text=False),
    "role": Member.role,
    "joined_at": Member.joined_at,
}
_BODY = as_json(_FIELDS).label("body")
_MEMBER: Any = (
    select(_BODY, Member.version)
    .join(User, User.id == Member.user_id)
    .where(Member.project_id == bindparam("project_id"))
)
_by_joining = Keyset.of((Term("joined_at"),), {"joined_at": SortColumn(Member.joined_at)}, Member.user_id)

ADD = prepare(insert(Member), "project_id", "user_id", "role", "joined_at")
MEMBER = prepare(_MEMBER.where(Member.user_id == bindparam("user_id")))
COUNT = count_statement(select(Member.user_id).where(Member.project_id == bindparam("project_id")))
# Locked, so that an account cannot be disabled while it is being added.
ACTIVE_USER = prepare(
    select(User.id).where(User.id == bindparam("user_id"), User.is_active).with_for_update(read=True, key_share=True)
)
# The owners, the caller, and the one it is about, as they are now and until this transaction ends.
STANDING = prepare(
    select(Member.user_id, Member.role, Member.version, User.is_active, _BODY)
    .join(User, User.id == Member.user_id)
    .where(
        Member.project_id == bindparam("project_id"),
        or_(
            Member.role == ProjectRole.OWNER,
            Member.user_id == bindparam("caller_id"),
            Member.user_id == bindparam("user_id"),
        ),
    )
    .order_by(Member.user_id)
    .with_for_update(of=Member, key_share=True)
)
_one = and_(Member.project_id == bindparam("of_project"), Member.user_id == bindparam("of_user"))
CHANGE_ROLE = prepare(
    update(Member)
    .where(_one, User.id == Member.user_id)
    .values(version=Member.version + 1)
    .returning(_BODY, Member.version),
    "role",
)
REMOVE = prepare(delete(Member).where(_one))

_assignments = select(TaskAssignee.task_id).where(
    TaskAssignee.project_id == bindparam("of_project"), TaskAssignee.user_id == bindparam("of_user")
)
# Read from the row too: that is what a change which held the lock until now has left.
_theirs = Task.assignee_ids.bool_op("@>")(array([bindparam("of_user", type_=Uuid)]))
# In the trash, too, for what is restored must not be assigned to a stranger.
_assigned = (
    select(Task.id, Task.assignee_ids.label("before"))
    .where(Task.id.in_(_assignments), _theirs)
    .order_by(Task.id)
    .with_for_update(key_share=True)
    .cte("assigned")
)
UNASSIGN = prepare(
    update(Task)
    .where(Task.id == _assigned.c.id)
    .values(
        assignee_ids=func.array_remove(Task.assignee_ids, bindparam("of_user", type_=Uuid)),
        version=Task.version + 1,
        updated_at=bindparam("now"),
    )
    .returning(Task.id, Task.number, _assigned.c.before, Task.assignee_ids.label("after"))
)


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[Any]:
    return page_statement(_MEMBER, _by_joining, limit, continues=continues)
