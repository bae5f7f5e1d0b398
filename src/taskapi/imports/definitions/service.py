"""What a project lacks is made as the file has it; what it has under the same name stays as it is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError
from taskapi.imports.definitions import queries
from taskapi.imports.known import folded
from taskapi.imports.naming import queries as naming
from taskapi.imports.records import ImportedDefinition, ImportedPerson, Problem
from taskapi.projects.cycles import service as cycles
from taskapi.projects.cycles.schemas import CycleCreate
from taskapi.projects.fields import service as fields
from taskapi.projects.fields.schemas import FieldCreate
from taskapi.projects.labels import service as labels
from taskapi.projects.labels.schemas import LabelCreate
from taskapi.projects.milestones import service as milestones
from taskapi.projects.milestones.schemas import MilestoneCreate, MilestoneUpdate
from taskapi.projects.statuses import service as statuses
from taskapi.projects.statuses.schemas import StatusCreate
from taskapi.projects.templates import service as templates
from taskapi.projects.templates.schemas import TaskTemplateCreate
from taskapi.tasks.views import service as views
from taskapi.tasks.views.schemas import ViewCreate

_OURS: Final = 500
_Make = Callable[[DbSession, Caller, UUID, Mapping[str, Any]], Awaitable[object]]


async def make(
    session: DbSession, caller: Caller, project_id: UUID, definitions: Sequence[ImportedDefinition]
) -> list[Problem]:
    """Those that cannot be made are problems; the tasks that name them are taken without."""
    rows = await session.fetch_rows(queries.TAKEN, of_project=project_id)
    taken = {(row["kind"], row["name"]) for row in rows}
    problems = []
    for definition in definitions:
        name = (definition.kind, folded(definition.name))
        if name in taken:
            continue
        taken.add(name)
        try:
            async with session.savepoint():
                await _MAKE[definition.kind](session, caller, project_id, definition.fields)
        except AppError as error:
            if error.status >= _OURS:
                raise
            problems.append(_problem(definition, error.code, error.detail))
        except (ValidationError, KeyError):
            problems.append(_problem(definition, "unreadable_line", "It is not as an export writes it"))
    return problems


def _problem(definition: ImportedDefinition, code: str, detail: str) -> Problem:
    return Problem(definition.line, definition.kind, code, detail, is_lost=False)


def _said(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: said[name] for name in names}


async def _status(session: DbSession, caller: Caller, project_id: UUID, said: Mapping[str, Any]) -> None:
    data = StatusCreate.model_validate(_said(said, "key", "name", "category", "position", "wip_limit"))
    await statuses.create_status(session, caller, str(project_id), data)


async def _label(session: DbSession, caller: Caller, project_id: UUID, said: Mapping[str, Any]) -> None:
    await labels.create_label(
        session, caller, str(project_id), LabelCreate.model_validate(_said(said, "name", "color"))
    )


async def _field(session: DbSession, caller: Caller, project_id: UUID, said: Mapping[str, Any]) -> None:
    wanted = _said(said, "key", "name", "options", "required", "position")
    data = FieldCreate.model_validate({**wanted, "type": said["field_type"]})
    await fields.create_field(session, caller, str(project_id), data)


async def _milestone(session: DbSession, caller: Caller, project_id: UUID, said: Mapping[str, Any]) -> None:
    data = MilestoneCreate.model_validate(_said(said, "name", "description", "due_on"))
    made = await milestones.create_milestone(session, caller, str(project_id), data)
    if said["closed"]:
        of_id = UUID(made.fields()["id"])
        await milestones.update_milestone(session, caller, str(project_id), of_id, MilestoneUpdate(closed=True), None)


async def _cycle(session: DbSession, caller: Caller, project_id: UUID, said: Mapping[str, Any]) -> None:
    data = CycleCreate.model_validate(_said(said, "name", "starts_on", "ends_on"))
    await cycles.create_cycle(session, caller, str(project_id), data)


async def _template(session: DbSession, caller: Caller, project_id: UUID, said: Mapping[str, Any]) -> None:
    wanted = _said(said, "name", "title", "description", "priority", "estimate", "due_in_days", "checklist", "subtasks")
    people = await _people(session, project_id, said["assignees"])
    names = [folded(name) for name in said["labels"]]
    marked = await session.fetch_rows(naming.LABELS, of_project=project_id, names=names)
    by_name = {row["name"]: str(row["id"]) for row in marked}
    data = TaskTemplateCreate.model_validate(
        {
            **wanted,
            "assignee_ids": people,
            "label_ids": [by_name[name] for name in names if name in by_name],
            "fields": said["fields"],
        }
    )
    await templates.create_template(session, caller, str(project_id), data)


async def _people(session: DbSession, project_id: UUID, people: Sequence[ImportedPerson]) -> list[str]:
    """Those who are members here, by their user names."""
    names = [folded(person.name) for person in people if person.name]
    rows = await session.fetch_rows(naming.PEOPLE, of_project=project_id, names=names)
    by_name = {folded(row["username"]): str(row["id"]) for row in rows}
    return [by_name[name] for name in names if name in by_name]


async def _view(session: DbSession, caller: Caller, project_id: UUID, said: Mapping[str, Any]) -> None:
    wanted = _said(said, "name", "filter", "sort")
    data = ViewCreate.model_validate({**wanted, "project": str(project_id), "shared": True})
    await views.create_view(session, caller, data)


_MAKE: Final[Mapping[str, _Make]] = {
    "status": _status,
    "label": _label,
    "field": _field,
    "milestone": _milestone,
    "cycle": _cycle,
    "task_template": _template,
    "view": _view,
}
