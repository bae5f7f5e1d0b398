"""A task of Vikunja's as one of ours."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from taskapi.imports import lengths, recurring, texts
from taskapi.imports.extras import Extras
from taskapi.imports.markup import html
from taskapi.imports.objects import Object
from taskapi.imports.records import (
    MOST_MINUTES,
    ImportedComment,
    ImportedFile,
    ImportedLink,
    ImportedPerson,
    ImportedReminder,
    ImportedTask,
    Reading,
    Record,
)
from taskapi.imports.vikunja.projects import Projects

_PRIORITIES: Final[Mapping[float, str]] = {0: "none", 1: "low", 2: "medium", 3: "high", 4: "urgent", 5: "urgent"}
_KINDS: Final[Mapping[str, str]] = {
    "related": "relates_to",
    "duplicateof": "duplicates",
    "duplicates": "duplicated_by",
    "blocking": "blocks",
    "blocked": "blocked_by",
    "precedes": "blocks",
    "follows": "blocked_by",
    "copiedfrom": "relates_to",
    "copiedto": "relates_to",
}
_ABOVE: Final = "parenttask"
_NO_TIME: Final = "0001-01-01"
_DAY: Final = 86_400
_WEEK: Final = 7 * _DAY
_MINUTE: Final = 60
_MONTHLY, _FROM_NOW = 1, 2
_HEX: Final = re.compile("#?[0-9a-fA-F]{6}")


def read(task: Object, projects: Projects, extras: Extras, members: Container[str]) -> Iterator[Record]:
    """`members` are the names of what lies beside it in the archive."""
    title, prose = texts.title_and_prose(task.text("title") or "", html.to_markdown(task.text("description") or ""))
    if not title:
        yield from dict.fromkeys(task.problems)
        yield task.lost("title", "missing_title", "A task needs a title")
        return
    id_ = task.id("id")
    is_done = task.flag("done")
    bucket = projects.bucket(task)
    parent, links = _relations(task, id_)
    due = _time(task, "due_date")
    due_at = due or _time(task, "end_date")
    recurrence = None if is_done else _recurrence(task, due_at, extras.reading)
    files = list(_files(task, members))
    found = _extras(task, has_due=due is not None, has_rule=recurrence is not None, files=files)
    done_at = _time(task, "done_at") or _time(task, "updated") or _time(task, "created")
    record = ImportedTask(
        line=task.line,
        external_id=id_,
        title=title,
        description=lengths.description(task, "description", prose),
        status=bucket.title if bucket and bucket.is_done is is_done else None,
        category="done" if bucket and bucket.is_done and is_done else None,
        priority=_priority(task),
        assignees=tuple(person for each in task.parts("assignees") if (person := _person(each)) is not None),
        labels=_labels(task, projects),
        start_on=start.date() if (start := _time(task, "start_date")) else None,
        due_at=due_at,
        parent=parent,
        created_at=_time(task, "created"),
        created_by=_person(task.part("created_by")),
        completed_at=done_at if is_done else None,
        fields=extras.taken(found),
        comments=list(_comments(task)),
        links=links,
        recurrence=recurrence,
        files=files,
        reminders=list(_reminders(task, due)),
        label_colors=_colors(task),
    )
    yield from extras.left_out(task.line, found)
    yield from dict.fromkeys(task.problems)
    yield record


def _time(task: Object, name: str) -> datetime | None:
    """The year 1 stands for none."""
    text = task.said.get(name)
    return None if isinstance(text, str) and text.startswith(_NO_TIME) else task.instant(name)


def _priority(task: Object) -> str:
    said = task.number("priority")
    if said is not None and said not in _PRIORITIES:
        task.blame("priority", "must be a number from 0 to 5")
    return _PRIORITIES.get(0 if said is None else said, "none")


def _person(user: Object | None) -> ImportedPerson | None:
    if user is None:
        return None
    name = user.text("name") or user.text("username")
    return ImportedPerson(name, user.text("email"), user.id("id")) if name or user.id("id") else None


def _labels(task: Object, projects: Projects) -> tuple[str, ...]:
    own = [texts.name(each.text("title") or "") for each in task.parts("labels")]
    names = [*own, projects.title(task.id("project_id"))]
    return tuple({name.casefold(): name for name in names if name}.values())


def _relations(task: Object, own: str | None) -> tuple[str | None, list[ImportedLink]]:
    """The first task above it; one more above it, if there should be, is a link."""
    related = task.part("related_tasks")
    above: list[str] = []
    links: list[ImportedLink] = []
    for kind in (_ABOVE, *_KINDS) if related is not None else ():
        ids = [id_ for each in related.parts(kind) if (id_ := each.id("id")) and id_ != own] if related else []
        if kind == _ABOVE:
            above += ids
        else:
            links += [ImportedLink(_KINDS[kind], id_) for id_ in ids]
    links += [ImportedLink("relates_to", id_) for id_ in above[1:]]
    return (above[0] if above else None), list(dict.fromkeys(links))


def _comments(task: Object) -> Iterator[ImportedComment]:
    for each in task.parts("comments"):
        body = html.to_markdown(each.text("comment") or "")
        yield from lengths.comments(
            ImportedComment(each.id("id"), _person(each.part("author")), _time(each, "created"), body)
        )


def _files(task: Object, members: Container[str]) -> Iterator[ImportedFile]:
    """Those whose bytes came along: an archive has them by the ids of the files."""
    for each in task.parts("attachments"):
        file = each.part("file")
        of_id = file.id("id") if file else each.id("file_id")
        if of_id and f"files/{of_id}" in members:
            name = (file.text("name") if file else None) or of_id
            at = _time(each, "created") or (_time(file, "created") if file else None)
            yield ImportedFile(of_id, name, _person(each.part("created_by")), at, f"files/{of_id}")


def _reminders(task: Object, due: datetime | None) -> Iterator[ImportedReminder]:
    """They are whose export it is. One that goes by the due date moves with it, here too."""
    for each in task.parts("reminders"):
        at, before = _time(each, "reminder"), each.number("relative_period")
        by_due = each.text("relative_to") == "due_date" and due is not None
        if by_due and before is not None and -MOST_MINUTES * _MINUTE <= before <= 0 and before % _MINUTE == 0:
            yield ImportedReminder(None, minutes_before=int(-before // _MINUTE))
        elif at is not None:
            yield ImportedReminder(None, at=at)


def _colors(task: Object) -> dict[str, str]:
    """Six digits, of which Vikunja shows none where a label has no colour."""
    said = ((texts.name(each.text("title") or ""), each.text("hex_color") or "") for each in task.parts("labels"))
    return {name: f"#{color.lower().removeprefix('#')}" for name, color in said if name and _HEX.fullmatch(color)}


def _extras(task: Object, *, has_due: bool, has_rule: bool, files: Sequence[ImportedFile]) -> dict[str, object]:
    """What no field of ours holds, in words."""
    there = {file.name for file in files}
    done = task.number("percent_done")
    ends = _time(task, "end_date") if has_due else None
    named = [each.part("file") for each in task.parts("attachments")]
    names = [name for file in named if file and (name := file.text("name")) and name not in there]
    return {
        "Repeats": None if has_rule else _repeats(task),
        "Percent done": f"{done * 100:g}" if done else None,
        "Ends": ends.isoformat() if ends else None,
        "Attachments": ", ".join(names),
    }


def _recurrence(task: Object, due_at: datetime | None, reading: Reading) -> Mapping[str, object] | None:
    rule, zone = _rule(task), reading.options.get("timezone")
    if rule is None:
        return None
    after_done = task.number("repeat_mode") == _FROM_NOW
    return recurring.series(rule, zone if isinstance(zone, str) else "UTC", None, due_at, after_done=after_done)


def _rule(task: Object) -> str | None:
    """As an RRULE, where whole days say it."""
    seconds = int(task.number("repeat_after") or 0)
    if task.number("repeat_mode") == _MONTHLY:
        return "FREQ=MONTHLY"
    if seconds <= 0 or seconds % _DAY:
        return None
    frequency, unit = ("WEEKLY", _WEEK) if seconds % _WEEK == 0 else ("DAILY", _DAY)
    return f"FREQ={frequency}" + (f";INTERVAL={seconds // unit}" if seconds != unit else "")


def _repeats(task: Object) -> str | None:
    """In words, of what has no rule or no date to count from."""
    seconds = int(task.number("repeat_after") or 0)
    said = _rule(task) or (f"every {seconds} seconds" if seconds > 0 else None)
    return f"{said} after it was done" if said and task.number("repeat_mode") == _FROM_NOW else said
