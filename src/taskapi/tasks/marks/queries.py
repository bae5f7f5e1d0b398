"""Labels, milestones and cycles as tasks name them, in SQL.

Each is held: whoever deletes it waits, and then finds what to take it off.
"""

from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select
from sqlalchemy.orm import aliased

from taskapi.core.db.statements import One, Statement, prepare
from taskapi.models import Cycle, Label, Milestone


class NamesakeRow(TypedDict):
    here: UUID
    there: UUID


_ids = bindparam("ids", type_=ARRAY(Uuid))


def _among(model: type[Label | Milestone | Cycle]) -> Statement[One[UUID]]:
    return prepare(
        select(model.id)
        .where(model.project_id == bindparam("project_id"), model.id == any_(_ids))
        .order_by(model.id)
        .with_for_update(read=True, key_share=True),
        row=One[UUID],
    )


def _namesakes(model: type[Label | Milestone]) -> Statement[NamesakeRow]:
    """Those of another project that are called as these are, whatever the case of their letters."""
    here, there = aliased(model), aliased(model)
    return prepare(
        select(here.id.label("here"), there.id.label("there"))
        .join(there, func.lower(there.name) == func.lower(here.name))
        .where(here.id == any_(_ids), there.project_id == bindparam("project_id"))
        .order_by(there.id)
        .with_for_update(read=True, key_share=True, of=there),
        row=NamesakeRow,
    )


LABELS: Final = _among(Label)
MILESTONES: Final = _among(Milestone)
CYCLES: Final = _among(Cycle)
LABELS_THERE: Final = _namesakes(Label)
MILESTONES_THERE: Final = _namesakes(Milestone)
