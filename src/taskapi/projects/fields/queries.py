"""Custom fields in SQL. The project has been loaded with the caller before."""

from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, exists, select

from taskapi.core.db.statements import One, prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import CustomField, Project, TaskField
from taskapi.projects.fields.errors import FieldKeyTaken

FIELD: Final = Record(
    "field",
    CustomField,
    fields={
        "id": CustomField.id,
        "key": CustomField.key,
        "name": CustomField.name,
        "type": CustomField.type,
        "options": CustomField.options,
        "required": CustomField.required,
        "position": CustomField.position,
        "version": CustomField.version,
    },
    within="project_id",
    given=("id", "project_id", "key", "name", "type", "options", "required", "position"),
    sorts={"position": SortColumn(CustomField.position)},
    conflicts={"uq_fields_project_id_key": lambda: FieldKeyTaken("Choose another key")},
)
_in_order = select(*FIELD.shown).where(FIELD.here).order_by(CustomField.position, CustomField.id)
IN_ORDER: Final = prepare(_in_order, row=Versioned)
# For who writes values: no field and no option goes before they are done.
HELD: Final = prepare(_in_order.with_for_update(read=True, key_share=True), row=Versioned)
# Against those: nobody writes a value of this field from here on, and who did is seen.
CLOSE: Final = prepare(
    select(CustomField.id).where(CustomField.id == bindparam("of_id"), FIELD.here).with_for_update(), row=One[UUID]
)
IS_OPTION_IN_USE: Final = prepare(
    select(
        exists().where(
            TaskField.project_id == bindparam("project_id"),
            TaskField.field == bindparam("field"),
            TaskField.value == any_(bindparam("options", type_=ARRAY(Text))),
        )
    ),
    row=One[bool],
)
# Part of the statement that finds the project of a new task.
REQUIRED_FIELDS: Final = (
    exists()
    .where(CustomField.project_id == Project.id, CustomField.required)
    .correlate(Project)
    .label("requires_fields")
)
