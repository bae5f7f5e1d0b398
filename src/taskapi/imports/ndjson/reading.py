"""Lines of our own export, or an archive of them, as records: what a project has first, and then its tasks.

What hangs on a task follows it, so that one task is in memory at a time. A task says its status and its fields by their
keys, all else by the names that earlier lines gave to the ids.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import IO, Any, BinaryIO, Final, TypeVar

from taskapi.imports.ndjson import lines
from taskapi.imports.ndjson.lines import Line
from taskapi.imports.records import (
    ImportedChange,
    ImportedComment,
    ImportedDefinition,
    ImportedFile,
    ImportedItem,
    ImportedLink,
    ImportedPerson,
    ImportedReaction,
    ImportedTask,
    ImportedTime,
    Problem,
    Reading,
    Record,
)
from taskapi.tasks.comments.reactions.emoji import canonical
from taskapi.tasks.recurrence.schemas import RecurrenceSet

_T = TypeVar("_T")
# Whatever else a line is of, such as a member or a change of the project, is nothing that an import could make.
_DEFINED: Final = frozenset({"status", "label", "field", "milestone", "cycle", "task_template", "view"})
_HANGING: Final = frozenset(
    {"checklist_item", "comment", "reaction", "attachment", "time_entry", "watcher", "link", "change"}
)
_USER: Final = "user"
_FAULTS: Final = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(slots=True)
class _Names:
    """What lines so far have called things by their ids."""

    people: dict[str, ImportedPerson] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    milestones: dict[str, str] = field(default_factory=dict)
    cycles: dict[str, str] = field(default_factory=dict)
    fields_of_people: set[str] = field(default_factory=set)

    def learn(self, kind: str, line: Line) -> None:
        if kind == "person":
            self.people[line["id"]] = ImportedPerson(name=line["username"], external_id=line["id"])
        elif kind in {"label", "milestone", "cycle"}:
            getattr(self, f"{kind}s")[line["id"]] = line["name"]
        elif kind == "field" and line["field_type"] == _USER:
            self.fields_of_people.add(line["key"])

    def person(self, of_id: str | None) -> ImportedPerson | None:
        return self.people.get(of_id) if of_id is not None else None

    def of_people(self, ids: Sequence[str] | None) -> list[ImportedPerson]:
        return [person for of_id in ids or () if (person := self.person(of_id)) is not None]

    def of_labels(self, ids: Sequence[str] | None) -> list[str]:
        return [self.labels[of_id] for of_id in ids or () if of_id in self.labels]


@dataclass(slots=True)
class _Task:
    """A task whose lines are still coming."""

    number: int
    line: Line
    has_files: bool
    """Whether the bytes of its files are in the same archive."""
    hanging: dict[str, list[Line]] = field(default_factory=lambda: {kind: [] for kind in _HANGING})


def read(file: BinaryIO, reading: Reading) -> Iterator[Record]:  # noqa: ARG001 - it says itself what it means
    with lines.opened(file) as (opened, has_files):
        yield from _records(opened, has_files=has_files)


def _records(file: IO[bytes], *, has_files: bool) -> Iterator[Record]:
    names, task, number, kind = _Names(), None, 0, None
    has_told = has_files
    for number, line in lines.read(file):
        if isinstance(line, Problem):
            yield line
            continue
        kind = line.get("type")
        if kind in _HANGING:
            _hang(task, kind, line)
            if kind == "attachment" and not has_told:
                has_told = True
                yield _without_files(number)
            continue
        if task is not None:
            yield _finished(task, names)
        task = _Task(number, line, has_files) if kind == "task" else None
        if kind in _DEFINED or kind == "person":
            yield from _learned(number, kind, line, names)
    if task is not None:
        yield _finished(task, names)
    if kind != "end":
        yield Problem(number, None, "file_broke_off", "The last line is missing, and perhaps more", is_lost=False)


def _hang(task: _Task | None, kind: str, line: Line) -> None:
    """What tells of something else than a task, such as what was deleted, comes behind all of them."""
    if task is not None and line.get("subject_type", "task") == "task":
        task.hanging[kind].append(line)


def _learned(number: int, kind: str, line: Line, names: _Names) -> Iterator[Record]:
    try:
        names.learn(kind, line)
        if kind != "person":
            yield _definition(number, kind, line, names)
    except _FAULTS:
        yield lines.unreadable(number, is_task=False)


def _finished(task: _Task, names: _Names) -> Record:
    try:
        return _record(task, names)
    except _FAULTS:
        return lines.unreadable(task.number, is_task=True)


def _without_files(number: int) -> Problem:
    detail = "Lines tell of files and have no bytes of them: export with format=zip, and bring in that archive"
    return Problem(number, "attachments", "files_left_out", detail, is_lost=False)


def _definition(number: int, kind: str, line: Line, names: _Names) -> ImportedDefinition:
    """With names for ids, as tasks have them."""
    said = {name: value for name, value in line.items() if name not in {"type", "id", "version"}}
    if kind == "task_template":
        said["assignees"] = names.of_people(said.pop("assignee_ids"))
        said["labels"] = names.of_labels(said.pop("label_ids"))
        # A person there is an id, and here perhaps nobody.
        said["fields"] = {key: value for key, value in said["fields"].items() if key not in names.fields_of_people}
    return ImportedDefinition(number, kind, str(line["key"] if kind in {"status", "field"} else line["name"]), said)


def _record(task: _Task, names: _Names) -> ImportedTask:
    line, hanging = task.line, task.hanging
    reactions: dict[str, list[ImportedReaction]] = {}
    for one in hanging["reaction"]:
        person, emoji = names.person(one["user_id"]), canonical(str(one["emoji"]))
        if person is not None and emoji is not None:
            reactions.setdefault(one["comment_id"], []).append(ImportedReaction(person, emoji))
    return ImportedTask(
        line=task.number,
        external_id=str(line["id"]),
        title=str(line["title"]),
        description=line["description"],
        status=line["status"],
        category=line["status_category"],
        priority=line["priority"],
        assignees=names.of_people(line["assignee_ids"]),
        labels=names.of_labels(line["label_ids"]),
        start_on=_maybe(date.fromisoformat, line["start_on"]),
        due_on=_maybe(date.fromisoformat, line["due_on"]),
        due_at=_maybe(datetime.fromisoformat, line["due_at"]),
        estimate=line["estimate"],
        parent=line["parent_id"],
        created_at=datetime.fromisoformat(line["created_at"]),
        created_by=names.person(line["created_by"]),
        completed_at=_maybe(datetime.fromisoformat, line["completed_at"]),
        fields=_fields(line["fields"], names),
        comments=[
            ImportedComment(
                external_id=str(one["id"]),
                author=names.person(one["created_by"]),
                at=datetime.fromisoformat(one["created_at"]),
                body=str(one["body"]),
                edited_at=_maybe(datetime.fromisoformat, one["edited_at"]),
                mentions=names.of_people(one["mentions"]),
                reactions=reactions.get(one["id"], ()),
            )
            for one in hanging["comment"]
        ],
        links=[ImportedLink(str(one["link_type"]), str(one["target_id"])) for one in hanging["link"]],
        checklist=[
            ImportedItem(str(one["text"]), bool(one["done"]))
            for one in sorted(hanging["checklist_item"], key=lambda one: int(one["position"]))
        ],
        history=[change for one in hanging["change"] if (change := _change(one, names)) is not None],
        time=[
            ImportedTime(
                names.person(one["user_id"]),
                datetime.fromisoformat(one["started_at"]),
                datetime.fromisoformat(one["ended_at"]),
                one["note"],
            )
            for one in hanging["time_entry"]
            if one["ended_at"] is not None
        ],
        milestone=names.milestones.get(line["milestone_id"]),
        cycle=names.cycles.get(line["cycle_id"]),
        recurrence=_recurrence(line["recurrence"]),
        mentions=names.of_people(line["mentions"]),
        watchers=[
            (person, bool(one["watching"]))
            for one in hanging["watcher"]
            if (person := names.person(one["user_id"])) is not None
        ],
        files=[_file(one, names) for one in hanging["attachment"]] if task.has_files else (),
    )


def _file(line: Line, names: _Names) -> ImportedFile:
    """Its bytes are where an export puts them."""
    of_id, name = str(line["id"]), str(line["name"])
    at = datetime.fromisoformat(line["created_at"])
    return ImportedFile(of_id, name, names.person(line["created_by"]), at, f"files/{of_id}/{name}")


def _change(line: Line, names: _Names) -> ImportedChange | None:
    """Of a task that was there already; its making is told by the task itself."""
    if line["kind"] == "task.created":
        return None
    changes: dict[str, Sequence[object]] = dict(line["changes"])
    if "assignee_ids" in changes:
        changes["assignees"] = [names.of_people(side) for side in line["changes"]["assignee_ids"]]
    if "label_ids" in changes:
        changes["labels"] = [names.of_labels(side) for side in line["changes"]["label_ids"]]
    for name, called in (("milestone", names.milestones), ("cycle", names.cycles)):
        if f"{name}_id" in changes:
            changes[name] = [called.get(side) for side in line["changes"][f"{name}_id"]]
    # What is closed was completed at this moment, and the fact about it was written right after.
    at = changes.get("completed_at", (None, None))[1] or line["at"]
    return ImportedChange(datetime.fromisoformat(str(at)), names.person(line["actor_id"]), changes)


def _fields(values: Mapping[str, object], names: _Names) -> dict[str, object]:
    """A person by name, as an import looks people up."""
    found: dict[str, object] = {}
    for key, value in values.items():
        person = names.person(str(value)) if key in names.fields_of_people else None
        found[key] = value if person is None else person.name
    return found


def _recurrence(said: Any) -> Mapping[str, object] | None:  # noqa: ANN401 - whatever stands there
    """As a task has it, where it is a rule that one could have."""
    if said is None:
        return None
    wanted = RecurrenceSet.model_validate({name: said[name] for name in ("rule", "mode", "exdates")})
    if int(said["occurrence"]) < 1 or not isinstance(said["timezone"], str):
        raise ValueError
    at = _maybe(time.fromisoformat, said["time_of_day"])
    return {
        "rule": wanted.rule,
        "mode": wanted.mode.value,
        "exdates": wanted.exdates,
        "timezone": said["timezone"],
        "occurrence": int(said["occurrence"]),
        "time_of_day": None if at is None else at.isoformat(),
    }


def _maybe(read: Callable[[str], _T], text: str | None) -> _T | None:
    return None if text is None else read(text)
