"""add, change and remove: each writes a resource **and** publishes what happened, so that nothing is written silently.

Rights, rules and locks come before, in the service.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Changes, Fact, creation, deletion, difference, publish
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.core.errors import IdTaken
from taskapi.core.resources.document import Document, Fields, Versioned
from taskapi.core.resources.records import STEP, Place, Record

Values = Mapping[str, object]


async def add(session: DbSession, caller: Caller, record: Record, place: Place, values: Values) -> Document:
    """A new one with all the columns that the record is given. A client's id that is in use is `IdTaken`."""
    [added] = await _write(session, record, record.create, {**values, record.within: place.id})
    await publish(session, caller, _created(record, place, added))
    return added


async def add_all(session: DbSession, caller: Caller, record: Record, place: Place, rows: Sequence[Values]) -> None:
    """Many new ones in one statement."""
    await add_in(session, caller, record, [(place, values) for values in rows])


async def add_in(session: DbSession, caller: Caller, record: Record, placed: Sequence[tuple[Place, Values]]) -> None:
    """The same, each in a place of its own."""
    if not placed:
        return
    places = {str(values["id"]): place for place, values in placed}
    rows = [{**values, record.within: place.id} for place, values in placed]
    added = await _write(session, record, record.create_all, {"rows": to_json(rows).decode()})
    await publish(session, caller, *(_created(record, places[str(_id_of(document))], document) for document in added))


async def change(
    session: DbSession,
    caller: Caller | None,
    record: Record,
    place: Place,
    before: Document,
    changes: Values,
    *,
    happened: str = "updated",
) -> Document:
    """Set columns of one that is locked; where there is nothing to change, its version stays as it is.

    `happened` is what the fact says of it, where there is a word for this change.
    """
    if not changes:
        return before
    found = {"of_id": _id_of(before), "of_place": place.id}
    [after] = await _write(session, record, record.change(frozenset(changes)), {**found, **changes})
    await publish(session, caller, _updated(record, place, before, after, happened))
    return after


async def change_all(
    session: DbSession, caller: Caller, record: Record, place: Place, changes: Sequence[tuple[Document, Values]]
) -> dict[UUID, Document]:
    """Set columns of several that are locked, in one statement: no constraint sees one without the other.

    They are written as JSON, so these columns are public fields.
    """
    if not changes:
        return {}
    columns = frozenset(name for _, values in changes for name in values)
    rows = [
        {"id": _id_of(before), **{name: before.fields()[name] for name in columns}, **values}
        for before, values in changes
    ]
    written = await _write(
        session, record, record.change_all(columns), {"of_place": place.id, "rows": to_json(rows).decode()}
    )
    after = {_id_of(document): document for document in written}
    facts = (_updated(record, place, before, after[_id_of(before)]) for before, _ in changes)
    await publish(session, caller, *facts)
    return after


async def move_all(session: DbSession, caller: Caller, record: Record, place: Place, to: Place) -> None:
    """All that is in one place goes to another: each is told in the projects of both, where these are two.

    What a record is within has to be one of its public fields.
    """
    changes = {record.within: (str(place.id), str(to.id))}
    told_in = {where.project_id: where.key for where in (place, to)}
    moved = None
    while moved is None or len(moved) == STEP:
        moved = await session.fetch_values(record.move_step(), of_place=place.id, to_place=to.id)
        facts = (
            Fact(f"{record.name}.updated", record.name, of_id, changes, project_id, key)
            for of_id in moved
            for project_id, key in told_in.items()
        )
        await publish(session, caller, *facts)


async def remove(session: DbSession, caller: Caller, record: Record, place: Place, document: Document) -> None:
    """Delete one that is locked."""
    await session.run(record.remove, of_id=_id_of(document), of_place=place.id)
    fact = _fact(record, place, document, "deleted", deletion(_own(record, document)))
    await publish(session, caller, fact)


async def tell_removed(
    session: DbSession, caller: Caller, record: Record, place: Place, removed: Sequence[Document]
) -> None:
    """Those were deleted by a statement that found them otherwise than one by one."""
    facts = (_fact(record, place, document, "deleted", deletion(_own(record, document))) for document in removed)
    await publish(session, caller, *facts)


async def _write(
    session: DbSession, record: Record, statement: Statement[Versioned], values: Mapping[str, object]
) -> list[Document]:
    try:
        rows = await session.fetch_rows(statement, **values)
        return [Document.of(row, pure=not record.beside) for row in rows]
    except asyncpg.UniqueViolationError as error:
        name = error.constraint_name or ""
        if name == record.table.primary_key.name:
            raise IdTaken("Leave the id out, or make a new one") from None
        if conflict := record.conflicts.get(name):
            raise conflict() from None
        raise


def _id_of(document: Document) -> UUID:
    return UUID(document.fields()["id"])


def _created(record: Record, place: Place, after: Document) -> Fact:
    return _fact(record, place, after, "created", creation(_own(record, after)))


def _updated(record: Record, place: Place, before: Document, after: Document, happened: str = "updated") -> Fact:
    return _fact(record, place, after, happened, difference(_own(record, before), _own(record, after)))


def _own(record: Record, document: Document) -> Fields:
    return {name: value for name, value in document.fields().items() if name not in record.beside}


def _fact(record: Record, place: Place, document: Document, happened: str, changes: Changes) -> Fact:
    return Fact(f"{record.name}.{happened}", record.name, _id_of(document), changes, place.project_id, place.key)
