"""The tasks of a batch in SQL."""

from functools import lru_cache
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, and_, bindparam, column, func, select, union_all

from taskapi.core.access.reach import Reach, join_members
from taskapi.core.db.statements import One, Statement, prepare
from taskapi.models import Project, Task


@lru_cache(4)
def lock(reach: Reach) -> Statement[One[UUID]]:
    """Those that are named and that the caller finds, by id, as everybody locks several."""
    of_keys = func.unnest(bindparam("keys", type_=ARRAY(Text)), bindparam("numbers", type_=ARRAY(Integer)))
    named = of_keys.table_valued(column("key", Text), column("number", Integer), name="named").render_derived()
    by_key = (
        select(Task.id)
        .join(Project, Project.id == Task.project_id)
        .join(named, and_(Project.key == named.c.key, Task.number == named.c.number))
    )
    by_id = select(func.unnest(bindparam("ids", type_=ARRAY(Uuid))))
    found = select(Task.id).join(Project, Project.id == Task.project_id).where(Task.id.in_(union_all(by_id, by_key)))
    return prepare(join_members(found, reach).order_by(Task.id).with_for_update(key_share=True, of=Task), row=One[UUID])
