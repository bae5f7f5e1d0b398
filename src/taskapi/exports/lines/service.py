"""A project, written as lines: what they refer to by an id has had its own line before, but for tasks."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypedDict
from uuid import UUID

import pydantic_core

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.exports import pages
from taskapi.exports import queries as lists
from taskapi.exports.lines import queries
from taskapi.exports.queries import TaskLine
from taskapi.projects.queries import ProjectRow

FORMAT: Final = "taskapi"
VERSION: Final = 1
# What a project says of who reads it.
_OF_THE_READER: Final = ("role", "is_favourite")
# What lines have under another name, for `type` is what they are.
_RENAMED: Final = {"field": {"type": "field_type"}}
_CHUNK_BYTES: Final = 128 * 1024
_BEFORE_ALL: Final = UUID(int=0)


class _Row(TypedDict):
    task_id: UUID
    place: Any
    body: str
    people: list[UUID]


class _Children:
    """The rows of one kind for the tasks of one page, read as they are asked for, task after task."""

    def __init__(self, session: DbSession, statement: Statement[Any], start: object, **values: object) -> None:
        self._session, self._statement, self._values = session, statement, values
        self._place: dict[str, object] = {"after_task": _BEFORE_ALL, "after": start}
        self._rows: list[_Row] = []
        self._is_last = False

    async def of(self, task_id: UUID) -> AsyncIterator[list[_Row]]:
        """Those of this task, in parts; tasks are asked for in the order of their ids."""
        while True:
            if not self._rows and not self._is_last:
                await self._read()
            here = next((n for n, row in enumerate(self._rows) if row["task_id"] != task_id), len(self._rows))
            found, self._rows = self._rows[:here], self._rows[here:]
            if found:
                yield found
            if self._rows or self._is_last:
                return

    async def _read(self) -> None:
        values = self._statement.taken_from(self._values)
        self._rows = list(await self._session.fetch_rows(self._statement, **values, **self._place))
        self._is_last = len(self._rows) < queries.PAGE
        if self._rows:
            self._place = {"after_task": self._rows[-1]["task_id"], "after": self._rows[-1]["place"]}


class _Lines:
    """The lines of one export: what was counted, and whom they have named."""

    def __init__(
        self, session: DbSession, project_id: UUID, kinds: Sequence[str], told: Callable[[str, str], None]
    ) -> None:
        self._session = session
        self._values: dict[str, object] = {"of_project": project_id, "kinds": list(kinds)}
        self._project_id = project_id
        self._told = told
        self._known: set[UUID] = set()
        self._counted: Counter[str] = Counter()

    async def all(self, row: ProjectRow) -> AsyncIterator[str]:
        yield self._line("project", _project(row))
        for body in await self._session.fetch_values(lists.MEMBERS, of_project=self._project_id):
            self._known.add(UUID(pydantic_core.from_json(body)["id"]))
            yield self._line("person", body)
        for kind, statement in lists.DEFINITIONS.items():
            for body in await self._session.fetch_values(statement, of_project=self._project_id):
                async for line in self._definition(kind, body):
                    yield line
        async for tasks in pages.of_tasks(self._session, lists.tasks, self._project_id):
            async for line in self._tasks(tasks):
                yield line
        async for line in self._other_facts():
            yield line
        counted = pydantic_core.to_json({"lines": self._counted.total() + 1, "counts": self._counted}).decode()
        yield self._line("end", counted)

    async def _definition(self, kind: str, body: str) -> AsyncIterator[str]:
        fields = pydantic_core.from_json(body)
        people = [UUID(fields["created_by"])] if "created_by" in fields else []
        async for line in self._new_people(people):
            yield line
        renamed = _RENAMED.get(kind, {})
        kept = {renamed.get(name, name): value for name, value in fields.items() if name not in lists.DERIVED}
        yield self._line(kind, pydantic_core.to_json(kept).decode())

    async def _tasks(self, tasks: Iterable[TaskLine]) -> AsyncIterator[str]:
        in_order = sorted(tasks, key=lambda task: task["id"])
        values = {**self._values, "ids": [task["id"] for task in in_order]}
        children = {
            kind: _Children(self._session, statement, _BEFORE_ALL, **values)
            for kind, statement in queries.CHILDREN.items()
        }
        children["change"] = _Children(self._session, queries.FACTS, 0, **values)
        for task in in_order:
            async for line in self._new_people(_named_by(task["body"])):
                yield line
            yield self._line("task", task["body"])
            for kind, rows_of in children.items():
                async for rows in rows_of.of(task["id"]):
                    async for line in self._rows(kind, rows):
                        yield line

    async def _other_facts(self) -> AsyncIterator[str]:
        place = {"after_xid": 0, "after_seq": 0}
        while True:
            rows = await self._session.fetch_rows(queries.OTHER_FACTS, **self._values, **place)
            async for line in self._rows("change", rows):
                yield line
            if len(rows) < queries.PAGE:
                return
            place = {"after_xid": rows[-1]["xid"], "after_seq": rows[-1]["seq"]}

    async def _rows(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> AsyncIterator[str]:
        named = [person for row in rows for person in row["people"]]
        if kind == "change":
            named += [person for row in rows for person in _assigned_by(row["body"])]
        async for line in self._new_people(named):
            yield line
        for row in rows:
            yield self._line(kind, row["body"])

    async def _new_people(self, ids: Iterable[UUID]) -> AsyncIterator[str]:
        """A line for each person whom no line has told of yet: who has left, and what they wrote has not."""
        unknown = set(ids) - self._known
        if unknown:
            self._known |= unknown
            for row in await self._session.fetch_rows(lists.PEOPLE, ids=sorted(unknown)):
                yield self._line("person", row["body"])

    def _line(self, kind: str, body: str) -> str:
        self._counted[kind] += 1
        self._told(kind, body)
        return f'{{"type":"{kind}",{body[1:]}\n'


async def write(
    session: DbSession, row: ProjectRow, kinds: Sequence[str], told: Callable[[str, str], None]
) -> AsyncIterator[bytes]:
    """`kinds` are those of the changes that the caller may read; `told` hears of each line, by its type."""
    part: list[str] = []
    size = 0
    async for line in _Lines(session, row["id"], kinds, told).all(row):
        part.append(line)
        size += len(line)
        if size >= _CHUNK_BYTES:
            yield "".join(part).encode()
            part, size = [], 0
    yield "".join(part).encode()


def _project(row: ProjectRow) -> str:
    fields = pydantic_core.from_json(row["body"])
    told = {name: value for name, value in fields.items() if name not in _OF_THE_READER}
    head = {"format": FORMAT, "format_version": VERSION, "exported_at": utc_now()}
    return pydantic_core.to_json({**head, **told}).decode()


def _named_by(task: str) -> list[UUID]:
    fields = pydantic_core.from_json(task)
    return [UUID(person) for person in (fields["created_by"], *fields["assignee_ids"], *fields["mentions"])]


def _assigned_by(change: str) -> list[UUID]:
    """Who was assigned, and may have left since."""
    if '"assignee_ids"' not in change:
        return []
    before, after = pydantic_core.from_json(change)["changes"]["assignee_ids"]
    return [UUID(person) for person in (*(before or ()), *(after or ()))]
