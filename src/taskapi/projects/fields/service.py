"""Custom fields of a project: for everybody in it to read, for those who write its tasks to write.

Who writes a value holds its field against going, and whoever takes a field or an option away closes it first.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, Fields, changes_of
from taskapi.core.resources.positions import shifts
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.projects.fields import options, queries
from taskapi.projects.fields.errors import FieldOptionInUse, TooManyFields
from taskapi.projects.fields.queries import FIELD
from taskapi.projects.fields.schemas import MOST, FieldCreate, FieldOption, FieldUpdate
from taskapi.projects.fields.values import Definition, Definitions
from taskapi.projects.queries import ProjectRow

# With session, caller, project and the key of the field that goes.
ON_REMOVING: Final[Hook[[DbSession, Caller, Place, str]]] = Hook("a custom field is removed")


async def list_fields(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.page(session, FIELD, projects.place(row), params, "position")


async def get_field(session: DbSession, caller: Caller, project: str, field_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.find(session, FIELD, projects.place(row), field_id)


async def create_field(session: DbSession, caller: Caller, project: str, data: FieldCreate) -> Document:
    """At its position, or at the end; those from there on make place."""
    options.require_fitting(data.type, data.options)
    row = await _load(session, caller, project)
    projects.require_not_archived(row)
    place = projects.place(row)
    others = await _in_order(session, place)
    if len(others) >= MOST:
        raise TooManyFields(f"The project has {MOST} custom fields; delete one first")
    position = len(others) if data.position is None else min(data.position, len(others))
    shifted = shifts([*others[:position], None, *others[position:]])
    await writing.change_all(session, caller, FIELD, place, shifted)
    stored = to_json(options.completed(data.options)).decode()
    values = {**data.model_dump(), "id": data.id or new_id(), "options": stored, "position": position}
    return await writing.add(session, caller, FIELD, place, values)


async def update_field(
    session: DbSession, caller: Caller, project: str, field_id: UUID, data: FieldUpdate, if_match: str | None
) -> Document:
    row = await _load(session, caller, project)
    place = projects.place(row)
    before = await reading.hold(session, FIELD, place, field_id, if_match)
    projects.require_not_archived(row)
    changes = changes_of(before.fields(), data)
    if "options" in changes:
        changes |= await _options(session, place, before.fields(), data.options)
    others = [field for field in await _in_order(session, place) if field.fields()["id"] != str(field_id)]
    position = changes.pop("position", before.fields()["position"])
    moved = shifts([*others[:position], before, *others[position:]])
    changes |= next((values for field, values in moved if field is before), {})
    changes = {name: value for name, value in changes.items() if before.fields()[name] != value}
    if not changes:
        return before
    shifted = [(field, values) for field, values in moved if field is not before]
    return (await writing.change_all(session, caller, FIELD, place, [(before, changes), *shifted]))[field_id]


async def delete_field(session: DbSession, caller: Caller, project: str, field_id: UUID, if_match: str | None) -> None:
    """With the values that tasks have for it."""
    row = await _load(session, caller, project)
    place = projects.place(row)
    field = await reading.hold(session, FIELD, place, field_id, if_match)
    projects.require_not_archived(row)
    await session.run(queries.CLOSE, of_id=field_id, of_place=place.id)
    await ON_REMOVING(session, caller, place, field.fields()["key"])
    await writing.remove(session, caller, FIELD, place, field)
    left = [other for other in await _in_order(session, place) if other.fields()["id"] != str(field_id)]
    await writing.change_all(session, caller, FIELD, place, shifts(left))


async def definitions(session: DbSession, project_id: UUID, *, hold: bool = True) -> Definitions:
    """All of a project, in their order; held for who writes values."""
    rows = await session.fetch_rows(queries.HELD if hold else queries.IN_ORDER, of_place=project_id)
    found = (Definition.of(Document.of(row).fields()) for row in rows)
    return {definition.key: definition for definition in found}


async def _options(session: DbSession, place: Place, field: Fields, given: Sequence[FieldOption]) -> Fields:
    """As they are stored; one that a task has stays."""
    options.require_fitting(field["type"], given)
    stored = options.completed(given, field["options"])
    gone = {option["key"] for option in field["options"]} - {option["key"] for option in stored}
    if gone:
        await session.run(queries.CLOSE, of_id=UUID(field["id"]), of_place=place.id)
        asked = {"project_id": place.project_id, "field": field["key"], "options": sorted(gone)}
        if await session.only_value(queries.IS_OPTION_IN_USE, **asked):
            raise FieldOptionInUse("Give the tasks that have it another value first; those in the trash count")
    return {"options": stored}


async def _load(session: DbSession, caller: Caller, project: str) -> ProjectRow:
    return await projects.load(session, caller, project, Permission.FIELD_WRITE, lock=True)


async def _in_order(session: DbSession, place: Place) -> list[Document]:
    return [Document.of(row) for row in await session.fetch_rows(queries.IN_ORDER, of_place=place.id)]
