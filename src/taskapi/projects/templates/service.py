"""Templates of tasks: for everybody in a project to read, for those who write its tasks to write.

The project is locked first, then what a template names, and the template last: whoever removes a label or a field holds
that, and then takes it off the templates.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, Fields, changes_of, require_match
from taskapi.core.resources.records import Place
from taskapi.core.resources.writing import Values
from taskapi.projects import service as projects
from taskapi.projects.defaults.queries import MEMBERS
from taskapi.projects.fields import service as custom_fields
from taskapi.projects.fields import values as custom_values
from taskapi.projects.fields.values import Definitions
from taskapi.projects.queries import ProjectRow
from taskapi.projects.templates import errors, queries
from taskapi.projects.templates.queries import TASK_TEMPLATE
from taskapi.projects.templates.schemas import TaskTemplateCreate, TaskTemplateFilter, TaskTemplateUpdate

_MOST: Final = 100


async def list_templates(session: DbSession, caller: Caller, project: str, params: TaskTemplateFilter) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.page(session, TASK_TEMPLATE, projects.place(row), params, params.sort)


async def get_template(session: DbSession, caller: Caller, project: str, template_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.find(session, TASK_TEMPLATE, projects.place(row), template_id)


async def create_template(session: DbSession, caller: Caller, project: str, data: TaskTemplateCreate) -> Document:
    # Locked, so that two at once do not pass the bound together.
    row = await _load(session, caller, project)
    projects.require_not_archived(row)
    place = projects.place(row)
    if await session.only_value(TASK_TEMPLATE.count, of_place=place.id) >= _MOST:
        raise errors.TooManyTaskTemplates(f"The project has {_MOST} templates; delete one that nobody uses")
    await _require_named(session, place.id, data)
    fields = await _merged(session, place.id, await _definitions(session, place.id, data), {}, data.fields)
    values = {
        **data.model_dump(),
        "id": data.id or new_id(),
        "title": data.title or data.name,
        "fields": fields,
        "created_at": utc_now(),
    }
    return await writing.add(session, caller, TASK_TEMPLATE, place, values)


async def update_template(
    session: DbSession,
    caller: Caller,
    project: str,
    template_id: UUID,
    data: TaskTemplateUpdate,
    if_match: str | None,
) -> Document:
    row = await _load(session, caller, project)
    place = projects.place(row)
    require_match(if_match, await reading.find(session, TASK_TEMPLATE, place, template_id))
    projects.require_not_archived(row)
    await _require_named(session, place.id, data)
    definitions = await _definitions(session, place.id, data)
    before = await reading.hold(session, TASK_TEMPLATE, place, template_id, if_match)
    changes = changes_of(before.fields(), data)
    if changes.pop("fields", None):
        had = before.fields()["fields"]
        fields = await _merged(session, place.id, definitions, had, data.fields)
        changes |= {} if fields == to_json(had).decode() else {"fields": fields}
    return await writing.change(session, caller, TASK_TEMPLATE, place, before, changes)


async def delete_template(
    session: DbSession, caller: Caller, project: str, template_id: UUID, if_match: str | None
) -> None:
    row = await _load(session, caller, project)
    place = projects.place(row)
    template = await reading.hold(session, TASK_TEMPLATE, place, template_id, if_match)
    projects.require_not_archived(row)
    await writing.remove(session, caller, TASK_TEMPLATE, place, template)


async def copy_templates(
    session: DbSession, caller: Caller, source: Place, copy: Place, ids: Mapping[str, str]
) -> None:
    """Into a new project; `ids` are those of what was copied before. Of people, nobody but the caller comes along."""
    found = [Document.of(row).fields() for row in await session.fetch_rows(queries.ALL, of_place=source.id)]
    if not found:
        return
    definitions = await custom_fields.definitions(session, source.id, hold=False)
    rows = [_copied(fields, ids, definitions, caller) for fields in found]
    await writing.add_all(session, caller, TASK_TEMPLATE, copy, rows)


async def forget_member(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """Who left, and comes back one day, is not assigned by a template of long ago."""
    rows = await session.fetch_rows(queries.NAMING, of_place=project.id, of_user=user_id)
    if not rows:
        return
    definitions, person = await custom_fields.definitions(session, project.id, hold=False), str(user_id)
    changes: list[tuple[Document, Values]] = []
    for template in map(Document.of, rows):
        fields = template.fields()
        people = custom_values.people(definitions, fields["fields"])
        left = {key: value for key, value in fields["fields"].items() if people.get(key) != user_id}
        doers = [assignee for assignee in fields["assignee_ids"] if assignee != person]
        if (left, doers) != (fields["fields"], fields["assignee_ids"]):
            changes.append((template, {"fields": left, "assignee_ids": doers}))
    await writing.change_all(session, caller, TASK_TEMPLATE, project, changes)


async def forget_label(session: DbSession, caller: Caller, project: Place, label_id: UUID) -> None:
    rows = await session.fetch_rows(queries.WITH_LABEL, of_place=project.id, of_label=label_id)
    changes: list[tuple[Document, Values]] = [
        (template, {"label_ids": [label for label in template.fields()["label_ids"] if label != str(label_id)]})
        for template in map(Document.of, rows)
    ]
    await writing.change_all(session, caller, TASK_TEMPLATE, project, changes)


async def forget_field(session: DbSession, caller: Caller, project: Place, key: str) -> None:
    rows = await session.fetch_rows(queries.WITH_FIELD, of_place=project.id, of_field=key)
    changes: list[tuple[Document, Values]] = [
        (template, {"fields": {name: value for name, value in template.fields()["fields"].items() if name != key}})
        for template in map(Document.of, rows)
    ]
    await writing.change_all(session, caller, TASK_TEMPLATE, project, changes)


async def _load(session: DbSession, caller: Caller, project: str) -> ProjectRow:
    return await projects.load(session, caller, project, Permission.TASK_TEMPLATE_WRITE, lock=True)


async def _require_named(session: DbSession, project_id: UUID, data: TaskTemplateCreate | TaskTemplateUpdate) -> None:
    """Members are asked for without a lock: who leaves waits for the project."""
    for ids, statement, unknown in (
        (data.assignee_ids, MEMBERS, errors.unknown_assignee),
        (data.label_ids, queries.LABELS, errors.unknown_label),
    ):
        found = set(await session.fetch_values(statement, project_id=project_id, ids=ids)) if ids else set()
        for index, named in enumerate(ids):
            if named not in found:
                raise unknown(index)


async def _definitions(
    session: DbSession, project_id: UUID, data: TaskTemplateCreate | TaskTemplateUpdate
) -> Definitions:
    return await custom_fields.definitions(session, project_id) if data.fields else {}


async def _merged(session: DbSession, project_id: UUID, definitions: Definitions, before: Fields, patch: Fields) -> str:
    """The column. What a field requires is asked of tasks, and not of what they are made from."""
    if not patch:
        return to_json(before).decode()
    after = custom_values.merged(definitions, dict(before), patch)
    if named := custom_values.people(definitions, patch):
        members = await session.fetch_values(MEMBERS, project_id=project_id, ids=list(named.values()))
        custom_values.require_members(definitions, patch, members)
    return to_json(after).decode()


def _copied(fields: Fields, ids: Mapping[str, str], definitions: Definitions, caller: Caller) -> dict[str, Any]:
    me = str(caller.id)
    people = custom_values.people(definitions, fields["fields"])
    return {
        **{name: fields.get(name) for name in TASK_TEMPLATE.given},
        "id": str(new_id()),
        "assignee_ids": [me] if me in fields["assignee_ids"] else [],
        "label_ids": [ids[label] for label in fields["label_ids"] if label in ids],
        "fields": {key: value for key, value in fields["fields"].items() if people.get(key, caller.id) == caller.id},
    }
