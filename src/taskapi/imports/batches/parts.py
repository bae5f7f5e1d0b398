"""The new tasks of a batch, in parts: while PostgreSQL writes one with its facts, the next one is made."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import PastFact, PastRow, copy_past, telling_past
from taskapi.core.db.session import DbSession
from taskapi.core.resources.records import Place
from taskapi.imports import rows
from taskapi.imports.batches import queries
from taskapi.imports.known import Known
from taskapi.imports.records import Problem
from taskapi.imports.rows import Making, Row
from taskapi.tasks import queries as task_queries
from taskapi.tasks import service as tasks

_ROWS_OF_A_PART: Final = 125
# After so many others have their turn: a row takes some 50 µs, and one with a long past more.
_ROWS_A_TURN: Final = 25


@dataclass(slots=True)
class Made:
    """The new tasks in the order of their rows, and what was wrong with these."""

    places: list[Place] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    tasks: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[PastRow] = field(default_factory=list)


@dataclass(slots=True)
class _Maker:
    """Makes one task after the other of a batch, each with the next number."""

    making: Making
    ids: Mapping[str, UUID]
    parent_ids: Mapping[str, UUID]
    tell: Callable[[PastFact], PastRow]
    next_number: int
    made: Made = field(default_factory=Made)

    async def part(self, some: Sequence[Row]) -> _Part:
        part = _Part()
        for count, row in enumerate(some, 1):
            task = self._task(row)
            part.tasks.append(task.columns)
            # Told at once: of a fact only a text is kept, and no mapping that the garbage collector walks through.
            part.facts.extend(map(self.tell, task.facts))
            if count % _ROWS_A_TURN == 0:
                await asyncio.sleep(0)
        return part

    def _task(self, row: Row) -> rows.NewTask:
        said = rows.chosen(row.record, self.making.known)
        self.made.problems += said.problems
        task_id, parent_id = self.ids[row.external_id], self.parent_ids.get(row.external_id)
        task = rows.new_task(self.making, row.record, said, self.next_number, task_id, parent_id)
        self.made.places.append(Place(task_id, self.making.place.id, task.key))
        self.next_number += 1
        return task


async def make(
    session: DbSession,
    caller: Caller,
    place: Place,
    new: Sequence[Row],
    ids: Mapping[str, UUID],
    parent_ids: Mapping[str, UUID],
    known: Known,
) -> Made:
    """Their ids are chosen before, so that they can name each other."""
    if not new:
        return Made()
    last = await session.only_value(task_queries.NEXT_NUMBERS, project_id=place.id, count=len(new))
    making, tell = rows.making(known, place, caller.id), telling_past(session, caller)
    maker = _Maker(making, ids, parent_ids, tell, last - len(new) + 1)
    # One that hangs below another may come before it, and a foreign key is looked at when its part is written.
    size = len(new) if parent_ids else _ROWS_OF_A_PART
    writing: asyncio.Future[None] | None = None
    try:
        for start in range(0, len(new), size):
            part = await maker.part(new[start : start + size])
            if writing is not None:
                await writing
            writing = asyncio.ensure_future(_write(session, part))
        if writing is not None:
            await writing
    finally:
        if writing is not None:  # the connection is free for nothing else until it has ended
            await asyncio.gather(writing, return_exceptions=True)
    return maker.made


async def _write(session: DbSession, part: _Part) -> None:
    try:
        await session.copy(queries.TASKS, rows.COLUMNS, part.tasks)
    except asyncpg.ForeignKeyViolationError as error:
        raise tasks.again(error) from None
    await copy_past(session, part.facts)
