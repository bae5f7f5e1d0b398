"""Todoist's CSV: a row for each task, section and comment, where a comment belongs to the task before it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import BinaryIO, Final

from taskapi.imports import lengths, texts
from taskapi.imports.csv import sheet as sheets
from taskapi.imports.extras import Extras
from taskapi.imports.markup.writing import link
from taskapi.imports.objects import Object
from taskapi.imports.records import (
    ImportedComment,
    ImportedPerson,
    ImportedTask,
    NotThatFormat,
    Problem,
    Reading,
    Record,
)
from taskapi.imports.todoist import dates
from taskapi.imports.todoist.dates import When

PRIORITIES: Final = {"1": "urgent", "2": "high", "3": "medium", "4": "none", "": "none"}
"""As the app shows them: p1 is the most pressing. Its API counts the other way round."""
_LABEL: Final = re.compile(r"(?<!\S)@([^\s@]+)")
_PERSON: Final = re.compile(r"(?P<name>.*?)\s*\((?P<id>[A-Za-z0-9_-]{1,40})\)\s*")
_FILE: Final = re.compile(r"\[\[file (?P<said>\{.{1,5000}?\})\s*\]\]")
_FILE_PART: Final = re.compile(r'"file_(name|url)":\s*"([^"]{1,2000})"')
_MOST_KNOWN: Final = 200_000
_DEEPEST: Final = 20


@dataclass(slots=True)
class _Place:
    """Where in the file one is: below which section, and below which tasks."""

    section: str | None = None
    above: list[tuple[int, str]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


def read(file: BinaryIO, reading: Reading, name: str, now: datetime, labels: Sequence[str]) -> Iterator[Record]:
    """`name` tells one file of a backup from another; each task has these labels beside its own."""
    sheet = sheets.look_at(file, reading)
    if not {"TYPE", "CONTENT"} <= set(sheet.columns):
        raise NotThatFormat("The file is no CSV of Todoist: it has no columns TYPE and CONTENT")
    place, extras = _Place(), Extras(reading)
    waiting: list[Object] = []
    for row in sheets.rows(file, sheet):
        if isinstance(row, Problem):
            yield row
            continue
        found = Object(row[0], dict(zip(sheet.columns, row[1], strict=False)))
        kind = (found.text("TYPE") or "").strip().casefold()
        if kind == "note" and waiting:
            waiting.append(found)
            continue
        yield from _task(waiting, place, extras, reading, (name, now, labels))
        waiting = [found] if kind == "task" else []
        if kind == "section":
            place.section, place.above = texts.name(found.text("CONTENT") or "") or None, []
        elif kind == "note":
            yield found.lost("TYPE", "no_task", "A comment on the project as a whole has no task to stand at")
        elif kind not in {"task", "meta", ""}:
            yield found.lost("TYPE", "invalid_value", f"“{kind[:40]}” is no task, section or note")
    yield from _task(waiting, place, extras, reading, (name, now, labels))


def person(text: str | None) -> ImportedPerson | None:
    """`Evan (14781400)`."""
    if not text or not text.strip():
        return None
    found = _PERSON.fullmatch(text)
    return ImportedPerson(found["name"] or None, None, found["id"]) if found else ImportedPerson(text.strip())


def without_labels(content: str) -> tuple[str, list[str]]:
    """Labels stand in the name of the task; one that is nothing but labels keeps them."""
    found = _LABEL.findall(content)
    rest = " ".join(_LABEL.sub(" ", content).split()) if found else content
    return (rest, found) if rest else (content, found)


def _task(
    rows: Sequence[Object],
    place: _Place,
    extras: Extras,
    reading: Reading,
    of_file: tuple[str, datetime, Sequence[str]],
) -> Iterator[Record]:
    """`rows`: that of the task and those of its comments; none, where there is no task."""
    if not rows:
        return
    row, (name, now, more_labels) = rows[0], of_file
    content, labels = without_labels((row.text("CONTENT") or "").removeprefix("* "))
    title, prose = texts.title_and_prose(content, row.text("DESCRIPTION"))
    if not title:
        yield from row.problems
        yield row.lost("CONTENT", "missing_title", "A task needs a title")
        return
    indent = _indent(row)
    while place.above and place.above[-1][0] >= indent:
        place.above.pop()
    parent = place.above[-1][1] if place.above else None
    known = _known_by((name, place.section or "", parent or "", content), row.line, place)
    place.above.append((indent, known))
    due = _due(row, reading, now)
    recurrence = due.series()
    found = _extras(row, due, recurrence)
    author, responsible = person(row.text("AUTHOR")), person(row.text("RESPONSIBLE"))
    task = ImportedTask(
        line=row.line,
        external_id=known,
        title=title,
        description=lengths.description(row, "DESCRIPTION", prose),
        status=place.section,
        priority=_priority(row),
        assignees=(responsible,) if responsible else (),
        labels=tuple(dict.fromkeys([*labels, *more_labels])),
        due_on=due.due_on,
        due_at=due.due_at,
        parent=parent,
        created_by=author,
        fields=extras.taken(found),
        comments=[comment for note in rows[1:] for comment in _comments(note, reading, now)],
        recurrence=recurrence,
    )
    yield from extras.left_out(row.line, found)
    yield from (problem for each in rows for problem in each.problems)
    yield task


def _comments(row: Object, reading: Reading, now: datetime) -> Iterator[ImportedComment]:
    body = _FILE.sub(_file_link, row.text("CONTENT") or "")
    zone = dates.zone_of(row.text("TIMEZONE"), reading)
    said = row.text("DATE")
    when = dates.worded(said, row.text("DATE_LANG"), zone, now) if said else When()
    yield from lengths.comments(ImportedComment(None, person(row.text("AUTHOR")), when.due_at, body))


def _file_link(found: re.Match[str]) -> str:
    parts = dict(_FILE_PART.findall(found["said"]))
    return link(parts.get("name", "file"), parts["url"]) if "url" in parts else parts.get("name", "")


def _indent(row: Object) -> int:
    indent = row.number("INDENT")
    if indent is None:
        return 1
    if indent != int(indent) or not 1 <= indent <= _DEEPEST:
        row.blame("INDENT", f"must be a number from 1 to {_DEEPEST}")
        return 1
    return int(indent)


def _priority(row: Object) -> str:
    said = (row.text("PRIORITY") or "").strip()
    if said not in PRIORITIES:
        row.blame("PRIORITY", f"“{said[:40]}” must be 1, 2, 3 or 4")
    return PRIORITIES.get(said, "none")


def _due(row: Object, reading: Reading, now: datetime) -> When:
    said = (row.text("DATE") or "").strip()
    if not said:
        return When()
    found = dates.worded(said, row.text("DATE_LANG"), dates.zone_of(row.text("TIMEZONE"), reading), now)
    if not found.is_understood:
        detail = f"“{said[:60]}” is no day that can be read; the task is due on none, and its words go to “Repeats”"
        row.problems.append(Problem(row.line, "DATE", "invalid_value", detail, is_lost=False))
    return found


def _extras(row: Object, due: When, recurrence: Mapping[str, object] | None) -> dict[str, object]:
    duration, unit = row.text("DURATION"), row.text("DURATION_UNIT")
    return {
        "Repeats": None if recurrence else due.words,
        "Duration": f"{duration} {unit or 'minute'}" if duration and duration != "None" else None,
        "Deadline": row.text("DEADLINE"),
    }


def _known_by(parts: tuple[str, str, str, str], line: int, place: _Place) -> str:
    """A CSV has no ids: a task is known by where it stands and what it is called, and by how many before it were."""
    digest = blake2b("\0".join(parts).encode(errors="replace"), digest_size=12).hexdigest()
    if len(place.seen) >= _MOST_KNOWN and digest not in place.seen:
        return f"{digest}-line-{line}"
    place.seen[digest] = place.seen.get(digest, 0) + 1
    return digest if place.seen[digest] == 1 else f"{digest}-{place.seen[digest]}"
