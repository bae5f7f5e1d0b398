"""Milestones in SQL. The project has been loaded with the caller before."""

from typing import Final

from sqlalchemy import Date, Text, func, literal_column

from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.records import Record
from taskapi.models import Milestone, Task
from taskapi.projects import progress
from taskapi.projects.milestones.errors import MilestoneNameTaken

MILESTONE: Final = Record(
    "milestone",
    Milestone,
    fields={
        "id": Milestone.id,
        "name": Milestone.name,
        "description": Milestone.description,
        "due_on": Milestone.due_on,
        "closed": Milestone.closed,
        "created_at": Milestone.created_at,
        "version": Milestone.version,
    },
    within="project_id",
    given=("id", "project_id", "name", "description", "due_on", "created_at"),
    sorts={
        "name": SortColumn(func.reading_order(Milestone.name, type_=Text(collation="C"))),
        "due_on": SortColumn(
            func.coalesce(Milestone.due_on, literal_column("'infinity'::date"), type_=Date),
            func.coalesce(Milestone.due_on, literal_column("'-infinity'::date"), type_=Date),
        ),
        "created_at": SortColumn(Milestone.created_at),
    },
    conflicts={"uq_milestones_name": lambda: MilestoneNameTaken("Choose another name, or use the one that has it")},
    beside={"progress": progress.of_tasks(Task.milestone_id, "milestones")},
)
