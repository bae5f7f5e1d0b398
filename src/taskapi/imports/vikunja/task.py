"""A task of Vikunja's as one of ours."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from taskapi.imports import lengths, texts
from taskapi.imports.extras import Extras
from taskapi.imports.markup import html
from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedComment, ImportedLink, ImportedPerson, ImportedTask, Record
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
_MONTHLY, _FROM_NOW = 1, 2


def read(task: Object, projects: Projects, extras: Extras) -> Iterator[Record]:
    title, prose = texts.title_and_prose(task.text("title") or "", html.to_markdown(task.text("description") or ""))
    if not title:
        yield from task.problems
        yield task.lost("title", "missing_title", "A task needs a title")
        return
    id_ = task.id("id")
    is_done = task.flag("done")
    bucket = projects.bucket(task)
    parent, links = _relations(task, id_)
    due = _time(task, "due_date")
    found = _extras(task, has_due=due is not None)
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
        due_at=due or _time(task, "end_date"),
        parent=parent,
        created_at=_time(task, "created"),
        created_by=_person(task.part("created_by")),
        completed_at=done_at if is_done else None,
        fields=extras.taken(found),
        comments=list(_comments(task)),
        links=links,
    )
    yield from extras.left_out(task.line, found)
    yield from task.problems
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


def _extras(task: Object, *, has_due: bool) -> dict[str, object]:
    """What no field of ours holds, in words."""
    done = task.number("percent_done")
    ends = _time(task, "end_date") if has_due else None
    files = [each.part("file") for each in task.parts("attachments")]
    reminders = [at.isoformat() for each in task.parts("reminders") if (at := _time(each, "reminder"))]
    return {
        "Repeats": _repeats(task),
        "Percent done": f"{done * 100:g}" if done else None,
        "Ends": ends.isoformat() if ends else None,
        "Reminders": ", ".join(reminders),
        "Attachments": ", ".join(name for file in files if file and (name := file.text("name"))),
    }


def _repeats(task: Object) -> str | None:
    """As an RRULE, where whole days say it."""
    mode, seconds = task.number("repeat_mode") or 0, int(task.number("repeat_after") or 0)
    if mode == _MONTHLY:
        return "FREQ=MONTHLY"
    if seconds <= 0:
        return None
    after = " after it was done" if mode == _FROM_NOW else ""
    if seconds % _DAY:
        return f"every {seconds} seconds{after}"
    frequency, unit = ("WEEKLY", _WEEK) if seconds % _WEEK == 0 else ("DAILY", _DAY)
    interval = f";INTERVAL={seconds // unit}" if seconds != unit else ""
    return f"FREQ={frequency}{interval}{after}"
