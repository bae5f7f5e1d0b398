"""Templates of tasks in SQL. The project has been loaded with the caller before."""

from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, cast, func, or_, select

from taskapi.core.db.statements import One, prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Label, TaskTemplate
from taskapi.projects.templates.errors import TaskTemplateNameTaken

TASK_TEMPLATE: Final = Record(
    "task_template",
    TaskTemplate,
    fields={
        "id": TaskTemplate.id,
        "name": TaskTemplate.name,
        "title": TaskTemplate.title,
        "description": TaskTemplate.description,
        "priority": TaskTemplate.priority,
        "estimate": TaskTemplate.estimate,
        "due_in_days": TaskTemplate.due_in_days,
        "assignee_ids": TaskTemplate.assignee_ids,
        "label_ids": TaskTemplate.label_ids,
        "fields": TaskTemplate.fields,
        "checklist": TaskTemplate.checklist,
        "subtasks": TaskTemplate.subtasks,
        "created_at": TaskTemplate.created_at,
        "version": TaskTemplate.version,
    },
    within="project_id",
    given=(
        *("id", "project_id", "name", "title", "description", "priority", "estimate", "due_in_days"),
        *("assignee_ids", "label_ids", "fields", "checklist", "subtasks", "created_at"),
    ),
    sorts={
        "name": SortColumn(func.reading_order(TaskTemplate.name, type_=Text(collation="C"))),
        "created_at": SortColumn(TaskTemplate.created_at),
    },
    conflicts={"uq_task_templates_name": lambda: TaskTemplateNameTaken("Choose another name, or change that one")},
)
_all = select(*TASK_TEMPLATE.shown).where(TASK_TEMPLATE.here).order_by(TaskTemplate.id)
ALL: Final = prepare(_all, row=Versioned)
_locked = _all.with_for_update(key_share=True)
_label = bindparam("of_label", type_=Uuid)
WITH_LABEL: Final = prepare(_locked.where(_label == any_(TaskTemplate.label_ids)), row=Versioned)
WITH_FIELD: Final = prepare(
    _locked.where(func.jsonb_exists(TaskTemplate.fields, bindparam("of_field", type_=Text))), row=Versioned
)
_person = bindparam("of_user", type_=Uuid)
# Which of the values are people is known to who knows the fields.
NAMING: Final = prepare(
    _locked.where(
        or_(
            _person == any_(TaskTemplate.assignee_ids),
            func.strpos(cast(TaskTemplate.fields, Text), cast(_person, Text)) > 0,
        )
    ),
    row=Versioned,
)
# Held: whoever deletes one waits, and then finds what to take it off.
LABELS: Final = prepare(
    select(Label.id)
    .where(Label.project_id == bindparam("project_id"), Label.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(Label.id)
    .with_for_update(read=True, key_share=True),
    row=One[UUID],
)
