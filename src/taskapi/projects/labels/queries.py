"""Labels in SQL. The project has been loaded with the caller before."""

from typing import Final

from sqlalchemy import Text, func

from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.records import Record
from taskapi.models import Label
from taskapi.projects.labels.errors import LabelNameTaken

LABEL: Final = Record(
    "label",
    Label,
    fields={
        "id": Label.id,
        "name": Label.name,
        "color": Label.color,
        "created_at": Label.created_at,
        "version": Label.version,
    },
    within="project_id",
    given=("id", "project_id", "name", "color", "created_at"),
    sorts={
        "name": SortColumn(func.reading_order(Label.name, type_=Text(collation="C"))),
        "created_at": SortColumn(Label.created_at),
    },
    conflicts={"uq_labels_name": lambda: LabelNameTaken("Choose another name, or use the label that has it")},
)
