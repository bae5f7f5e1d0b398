"""Cycles in SQL. The project has been loaded with the caller before."""

from typing import Final
from uuid import UUID

from sqlalchemy import Text, bindparam, func, select

from taskapi.core.db.statements import One, prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.records import Record
from taskapi.models import Cycle, Task
from taskapi.projects import progress

CYCLE: Final = Record(
    "cycle",
    Cycle,
    fields={
        "id": Cycle.id,
        "name": Cycle.name,
        "starts_on": Cycle.starts_on,
        "ends_on": Cycle.ends_on,
        "created_at": Cycle.created_at,
        "version": Cycle.version,
    },
    within="project_id",
    given=("id", "project_id", "name", "starts_on", "ends_on", "created_at"),
    sorts={
        "starts_on": SortColumn(Cycle.starts_on),
        "name": SortColumn(func.reading_order(Cycle.name, type_=Text(collation="C"))),
        "created_at": SortColumn(Cycle.created_at),
    },
    beside={"progress": progress.of_tasks(Task.cycle_id, "cycles")},
)
OVERLAPPING: Final = prepare(
    select(Cycle.name)
    .where(
        CYCLE.here,
        Cycle.id != bindparam("but"),
        Cycle.starts_on <= bindparam("ends"),
        Cycle.ends_on >= bindparam("starts"),
    )
    .order_by(Cycle.starts_on)
    .limit(1),
    row=One[str],
)
# They do not overlap, so what starts later comes after. Held: it is there until its new tasks are.
NEXT: Final = prepare(
    select(Cycle.id)
    .where(CYCLE.here, Cycle.starts_on > bindparam("starts"))
    .order_by(Cycle.starts_on)
    .limit(1)
    .with_for_update(read=True, key_share=True),
    row=One[UUID],
)
NAMED: Final = prepare(
    select(Cycle.id).where(CYCLE.here, Cycle.id == bindparam("of_id")).with_for_update(read=True, key_share=True),
    row=One[UUID],
)
