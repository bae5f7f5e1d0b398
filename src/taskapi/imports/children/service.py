"""What hangs on imported tasks: comments, items of checklists, time and links, each with its fact.

An import adds what is not there and takes nothing away. Comments and time entries are known again by their ids, which
are made of those that they have in the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, PastFact, creation, publish_past
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError
from taskapi.core.fields import rfc3339, visible
from taskapi.core.ids import new_id
from taskapi.core.resources.records import Place
from taskapi.imports import rows, texts
from taskapi.imports.children import queries
from taskapi.imports.known import Known, folded, shown
from taskapi.imports.records import ImportedLink, ImportedPerson, ImportedTask, Problem
from taskapi.tasks.checklist.schemas import MOST as MOST_ITEMS
from taskapi.tasks.comments.schemas import MAX_BYTES
from taskapi.tasks.links import service as links
from taskapi.tasks.links.errors import LinkExists
from taskapi.tasks.links.schemas import LinkCreate, LinkType

_OURS: Final = 500
_MOST_NOTE: Final = 1000
_COMMENT: Final = ("id", "task_id", "body", "mentions", "created_by", "created_at", "edited_at")
_ITEM: Final = ("id", "task_id", "text", "done", "position", "created_at")
_TIME: Final = ("id", "task_id", "user_id", "started_at", "ended_at", "note", "created_at")
# How a link is made that is told from its other end.
_TURNED: Final = {"blocked_by": LinkType.BLOCKS, "duplicated_by": LinkType.DUPLICATES}


@dataclass(frozen=True, slots=True)
class Furnished:
    """A record, and the task that it is."""

    record: ImportedTask
    task: Place
    is_new: bool


@dataclass(slots=True)
class Done:
    """`unresolved` counts the records that are linked to what has not come yet."""

    problems: list[Problem] = field(default_factory=list)
    unresolved: int = 0


@dataclass(frozen=True, slots=True)
class _Said:
    """A comment that is to be written."""

    id: UUID
    task: Place
    body: str
    author: UUID | None
    at: datetime
    edited_at: datetime | None = None
    mentions: Sequence[str] = ()


async def furnish(
    session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known, ids: Mapping[str, UUID]
) -> Done:
    """`ids` are those of tasks by their external ids, as far as they have come."""
    done = Done()
    await _comment(session, caller, furnished, known)
    await _list(session, caller, [one for one in furnished if one.record.checklist], done)
    await _time(session, caller, furnished, known)
    for one in furnished:
        if one.record.links:
            await link(session, caller, one, ids, done)
    return done


async def link(
    session: DbSession, caller: Caller, one: Furnished, ids: Mapping[str, UUID], done: Done, *, is_last: bool = False
) -> None:
    """`is_last`: what has not come until now never will."""
    missing = False
    for wanted in one.record.links:
        other = ids.get(rows.fitting_id(wanted.external_id))
        if other is None:
            missing = True
            if is_last:
                done.problems.append(unknown_link(one.record, wanted))
        else:
            problem = await _link(session, caller, one, wanted, other)
            if problem is not None:
                done.problems.append(problem)
    done.unresolved += missing


def unknown_link(record: ImportedTask, wanted: ImportedLink) -> Problem:
    detail = f"Nothing in the file has the id “{wanted.external_id[:100]}” that it is linked to"
    return Problem(record.line, "links", "unknown_link", detail, is_lost=False)


async def _link(
    session: DbSession, caller: Caller, one: Furnished, wanted: ImportedLink, other: UUID
) -> Problem | None:
    turned = _TURNED.get(wanted.kind)
    source, target = (other, one.task.id) if turned is not None else (one.task.id, other)
    try:
        data = LinkCreate(type=turned or LinkType(wanted.kind), task_id=str(target))
        async with session.savepoint():
            await links.create_link(session, caller, str(source), data)
    except LinkExists:
        return None
    except ValueError:
        return Problem(one.record.line, "links", "unknown_link_type", f"“{wanted.kind}” is no link", is_lost=False)
    except AppError as error:
        if error.status >= _OURS:
            raise
        return Problem(one.record.line, "links", error.code, error.detail, is_lost=False)
    return None


async def _comment(session: DbSession, caller: Caller, furnished: Iterable[Furnished], known: Known) -> None:
    now = utc_now()
    said = [comment for one in furnished for comment in _comments(one, known, now)]
    new = await _not_there(session, queries.COMMENTS_AMONG, {comment.id: comment for comment in said})
    if not new:
        return
    values = [
        {
            "id": comment.id,
            "task_id": comment.task.id,
            "body": comment.body,
            "mentions": list(comment.mentions),
            "created_by": comment.author or caller.id,
            "created_at": comment.at,
            "edited_at": comment.edited_at,
        }
        for comment in new
    ]
    await session.copy(queries.COMMENTS, _COMMENT, [[row[name] for name in _COMMENT] for row in values])
    told = [
        _fact("comment", comment.task, {**row, "version": 1}, comment.at, comment.author)
        for comment, row in zip(new, values, strict=True)
    ]
    await publish_past(session, caller, told)


def _comments(one: Furnished, known: Known, now: datetime) -> Iterable[_Said]:
    for place, comment in enumerate(one.record.comments):
        author = known.person(comment.author)
        body = _body(comment.body, comment.author if author is None else None, comment.at)
        name = comment.external_id or f"{place}:{blake2b(comment.body.encode(errors='replace')).hexdigest()}"
        for part, text in enumerate(_parts(body)):
            of_id = _id(one.task.id, "comment", name, part)
            mentions = known.members(comment.mentions)
            yield _Said(of_id, one.task, text, author, comment.at or now, comment.edited_at, mentions)
    for place, time in enumerate(one.record.time):
        if known.person(time.person) is None:
            # Somebody's time is nobody else's: who is no member has it told in words.
            hours = round((time.ended_at - time.started_at).total_seconds() / 3600, 2)
            who = shown(time.person) if time.person else "Somebody"
            body = (
                f"{who} worked {hours:g} h on this, from {time.started_at:%Y-%m-%d %H:%M}Z. {time.note or ''}".strip()
            )
            yield _Said(_id(one.task.id, "told", str(place), 0), one.task, body, None, time.started_at)


def _body(body: str, author: ImportedPerson | None, at: datetime | None) -> str:
    """Who wrote it stands in it, where that is nobody of the project."""
    text = body if texts.why_not_taken(body) is None else "".join(c for c in body if texts.why_not_taken(c) is None)
    if author is None:
        return text
    when = f", {at:%Y-%m-%d %H:%M}Z" if at else ""
    return f"*{shown(author)}{when}:*\n\n{text}"


def _parts(body: str) -> Iterable[str]:
    """A comment that is longer than one may be becomes several; one of which nothing can be seen, none."""
    longest = MAX_BYTES // 4 if len(body.encode()) > MAX_BYTES else len(body) or 1
    for start in range(0, len(body), longest):
        part = body[start : start + longest]
        try:
            yield visible(part)
        except ValueError:
            continue


async def _list(session: DbSession, caller: Caller, furnished: Sequence[Furnished], done: Done) -> None:
    if not furnished:
        return
    there = await session.fetch_rows(queries.ITEMS_OF, ids=[one.task.id for one in furnished if not one.is_new])
    now, written, told = utc_now(), [], []
    for one in furnished:
        had = {row["text"] for row in there if row["task_id"] == one.task.id}
        position = sum(row["task_id"] == one.task.id for row in there)
        for item in one.record.checklist:
            text = texts.line(item.title)[: texts.MAX_TITLE]
            if not text or (not one.is_new and folded(text) in had):
                continue
            if position >= MOST_ITEMS:
                detail = f"A checklist has at most {MOST_ITEMS} items; the first were taken"
                done.problems.append(Problem(one.record.line, "checklist", "too_many", detail, is_lost=False))
                break
            values = dict(zip(_ITEM, (new_id(), one.task.id, text, item.is_done, position, now), strict=True))
            written.append(list(values.values()))
            told.append(_fact("checklist_item", one.task, {**values, "version": 1}, None, caller.id))
            position += 1
    await session.copy(queries.ITEMS, _ITEM, written)
    await publish_past(session, caller, told)


async def _time(session: DbSession, caller: Caller, furnished: Iterable[Furnished], known: Known) -> None:
    now = utc_now()
    wanted: dict[UUID, tuple[Place, dict[str, Any]]] = {}
    for one in furnished:
        for place, time in enumerate(one.record.time):
            person = known.person(time.person)
            if person is None or time.ended_at < time.started_at:
                continue
            entry_id = _id(one.task.id, "time", str(place), 0)
            note = None if time.note is None else time.note[:_MOST_NOTE]
            row = (entry_id, one.task.id, person, time.started_at, time.ended_at, note, now)
            wanted[entry_id] = (one.task, dict(zip(_TIME, row, strict=True)))
    new = await _not_there(session, queries.TIMES_AMONG, wanted)
    if not new:
        return
    await session.copy(queries.TIMES, _TIME, [list(row.values()) for _, row in new])
    told = []
    for task, row in new:
        seconds = int((row["ended_at"] - row["started_at"]).total_seconds())
        told.append(_fact("time_entry", task, {**row, "seconds": seconds, "version": 1}, None, row["user_id"]))
    await publish_past(session, caller, told)


async def _not_there(session: DbSession, among: Any, wanted: Mapping[UUID, Any]) -> list[Any]:  # noqa: ANN401 - statements of one column, and what is to be written
    if not wanted:
        return []
    there = set(await session.fetch_values(among, ids=list(wanted)))
    return [value for key, value in wanted.items() if key not in there]


def comment_id(task_id: UUID, external_id: str) -> UUID:
    """Of the comment, or of its first part where it became several."""
    return _id(task_id, "comment", external_id, 0)


def reminder_id(task_id: UUID, user_id: UUID, said: str) -> UUID:
    return _id(task_id, "reminder", f"{user_id}/{said}", 0)


def file_id(task_id: UUID, external_id: str) -> UUID:
    return _id(task_id, "file", external_id, 0)


def _id(task_id: UUID, kind: str, name: str, part: int) -> UUID:
    """The same for the same thing of a file, and none that a client could make (RFC 9562 §5.8)."""
    digest = blake2b(f"{task_id}/{kind}/{name}/{part}".encode(errors="replace"), digest_size=16).digest()
    number = int.from_bytes(digest) & ~(0xF << 76) & ~(0b11 << 62)
    return UUID(int=number | 0x8 << 76 | 0b10 << 62)


def _fact(kind: str, task: Place, values: Mapping[str, Any], at: datetime | None, actor: UUID | None) -> PastFact:
    public = {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in values.items()}
    fact = Fact(f"{kind}.created", kind, values["id"], creation(public), task.project_id, task.key)
    return fact, at, actor
