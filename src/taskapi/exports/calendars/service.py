"""The tasks of a project as to-dos, for a program that takes a file and does not come back for it."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import pydantic_core

from taskapi.core.db.session import DbSession
from taskapi.exports import pages, queries
from taskapi.projects.queries import ProjectRow
from taskapi.tasks.calendars.kinds import EntryKind

if TYPE_CHECKING:
    from taskapi.tasks.calendars.entries import Book


async def write(
    session: DbSession, row: ProjectRow, zone: ZoneInfo, address: str, reader: UUID
) -> AsyncIterator[bytes]:
    """With the reminders of who reads it. Made in a thread: each entry takes half a millisecond."""
    book = await asyncio.to_thread(_book, row["key"], zone, address)
    yield book.head()
    async for page in pages.of_tasks(session, queries.calendar_entries, row["id"], reminders_of=reader):
        tasks = [pydantic_core.from_json(task["body"]) for task in page]
        yield await asyncio.to_thread(book.entries, tasks, EntryKind.TO_DO)
    yield book.end()


def _book(name: str, zone: ZoneInfo, address: str) -> "Book":
    """In a thread: the first calendar imports what writes it."""
    from taskapi.tasks.calendars.entries import Book  # noqa: PLC0415

    return Book(name, zone, address)
