"""Members by their names, in SQL."""

from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, column, func, select

from taskapi.core.db.statements import One, prepare
from taskapi.models import Member, User

_names = func.unnest(bindparam("names", type_=ARRAY(Text))).table_valued(column("name", Text), name="named")
MEMBERS_NAMED: Final = prepare(
    select(User.id)
    .join(Member, Member.user_id == User.id)
    .join(_names, func.lower(User.username) == _names.c.name)
    .where(Member.project_id == bindparam("project_id"))
    .order_by(func.array_position(bindparam("names", type_=ARRAY(Text)), _names.c.name)),
    row=One[UUID],
)
