"""The tasks of a project as to-dos, for a program that takes a file and does not come back for it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pydantic_core

from taskapi.core.db.session import DbSession
from taskapi.exports import pages, queries
from taskapi.projects.queries import ProjectRow
from taskapi.tasks.calendars.entries import Book, EntryKind


async def write(session: DbSession, row: ProjectRow, book: Book, reader: UUID) -> AsyncIterator[bytes]:
    """With the reminders of who reads it. Made in a thread: each entry takes half a millisecond."""
    yield book.head()
    async for page in pages.of_tasks(session, queries.calendar_entries, row["id"], reminders_of=reader):
        tasks = [pydantic_core.from_json(task["body"]) for task in page]
        yield await asyncio.to_thread(book.entries, tasks, EntryKind.TODO)
    yield book.end()
