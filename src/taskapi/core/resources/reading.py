"""find, hold and page: resources in their place. Whoever asks has been let into the place before."""

from uuid import UUID

from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.core.resources.records import Place, Record


async def find(session: DbSession, record: Record, place: Place, of_id: UUID) -> Document:
    row = await session.fetch_row(record.find, of_id=of_id, of_place=place.id)
    if row is None:
        raise _absent(record)
    return Document.of(row, pure=not record.beside)


async def hold(
    session: DbSession, record: Record, place: Place, of_id: UUID, if_match: str | None, *, closed: bool = False
) -> Document:
    """The same, locked, for somebody who writes and has seen this version of it.

    `closed`: nobody refers to it anew until this transaction ends, and whoever did has ended theirs.
    """
    row = await session.fetch_row(record.close if closed else record.lock, of_id=of_id, of_place=place.id)
    if row is None:
        raise _absent(record)
    document = Document.of(row, pure=not record.beside)
    require_match(if_match, document)
    return document


async def page(session: DbSession, record: Record, place: Place, params: PageParams, sort: str) -> Slice:
    return await paging.fetch(
        session,
        params,
        page=record.page(sort, params.limit, continues=params.continues),
        count=record.count,
        of_place=place.id,
    )


def _absent(record: Record) -> NotFound:
    return NotFound(f"There is no such {record.name.replace('_', ' ')} here")
