"""An issue as Jira's REST API answers it, as a task with all that hangs on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from taskapi.imports import lengths, texts
from taskapi.imports.extras import Extras
from taskapi.imports.histories import with_history
from taskapi.imports.jira import changelog, links, prose
from taskapi.imports.jira.changelog import SETS, Now
from taskapi.imports.jira.people import People
from taskapi.imports.markup.writing import link
from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedComment, ImportedTask, ImportedTime, Record

_CATEGORIES: Final = {"new": "unstarted", "indeterminate": "started", "done": "done"}
_POINTS: Final = ("Story Points", "Story point estimate")
_EPIC: Final = "Epic Link"


@dataclass(frozen=True, slots=True)
class Known:
    """What was learned before the issue is read."""

    people: People
    extras: Extras
    names: dict[str, str] = field(default_factory=dict)
    """What fields that somebody made are called, by their ids; empty where the answer does not tell."""


def read(issue: Object, known: Known, called: Mapping[str, str], path: str) -> Iterator[Record]:
    """`path` leads to the fields, and `called` says how the file calls them."""
    said = issue.said.get("fields")
    fields = Object(issue.line, said if isinstance(said, dict) else {}, path, issue.problems, called)
    key = issue.id("key") or issue.id("id")
    written = prose.read(fields, "description")
    summary = fields.text("summary") or ""
    title, description = texts.title_and_prose(summary, _with_files(fields, written))
    if not title:
        yield from issue.problems
        yield fields.lost("summary", "missing_title", "A task needs a title")
        return
    description = lengths.description(fields, "description", description)
    extras = _extras(fields, known)
    points = _points(fields, known)
    status = fields.part("status")
    task = ImportedTask(
        line=issue.line,
        external_id=key,
        title=title,
        description=description,
        status=texts.name(status.text("name") or "") or None if status else None,
        category=_category(status),
        priority=_priority(fields),
        assignees=tuple(person for person in [known.people.of(fields.part("assignee"))] if person),
        labels=_labels(fields),
        due_on=fields.day("duedate"),
        estimate=points if points is not None else fields.estimate("timeoriginalestimate", 60),
        parent=_parent(fields, known, key),
        created_at=fields.instant("created"),
        created_by=known.people.of(fields.part("reporter") or fields.part("creator")),
        completed_at=fields.instant("resolutiondate"),
        fields=known.extras.taken(extras),
        comments=list(_comments(fields, known.people)),
        links=links.read(fields, key),
        time=list(_time(fields, known.people)),
    )
    raw = fields.said.get("description")
    now = Now(description, raw if isinstance(raw, str) else None, in_points=points is not None)
    steps = list(changelog.steps(issue, known.people, now))
    task = with_history(task, steps, fields.instant("updated"), SETS)
    yield from known.extras.left_out(issue.line, extras)
    yield from issue.problems
    yield task


def _priority(fields: Object) -> str | None:
    found = fields.part("priority")
    name = found.text("name") if found else None
    priority = changelog.priority_of(name)
    if name and priority is None:
        fields.blame("priority", f"“{name[:60]}” is no priority of Jira's")
    return priority or "none"


def _labels(fields: Object) -> tuple[str, ...]:
    """Labels and components: one that is both is one."""
    components = [name for each in fields.parts("components") if (name := each.text("name"))]
    names = (texts.name(name) for name in [*fields.texts("labels"), *components])
    return tuple({name.casefold(): name for name in names if name}.values())


def _category(status: Object | None) -> str | None:
    group = status.part("statusCategory") if status else None
    return _CATEGORIES.get((group.text("key") if group else None) or "")


def _parent(fields: Object, known: Known, own: str | None) -> str | None:
    above = fields.part("parent") or fields.part("epic")
    found = above.id("key") if above else None
    if found is None:
        epics = [id_ for id_, name in known.names.items() if name == _EPIC]
        found = next((key for id_ in epics if (key := fields.id(id_))), None)
    return found if found != own else None


def _points(fields: Object, known: Known) -> float | None:
    ids = [id_ for id_, name in known.names.items() if name in _POINTS]
    return next((points for id_ in ids if (points := fields.estimate(id_)) is not None), None)


def _comments(fields: Object, people: People) -> Iterator[ImportedComment]:
    found = fields.part("comment")
    for each in found.parts("comments") if found else ():
        body = prose.read(each, "body") or ""
        author, at = people.of(each.part("author")), each.instant("created")
        yield from lengths.comments(ImportedComment(each.id("id"), author, at, body))


def _time(fields: Object, people: People) -> Iterator[ImportedTime]:
    found = fields.part("worklog")
    for each in found.parts("worklogs") if found else ():
        start, seconds = each.instant("started"), each.number("timeSpentSeconds")
        if start is not None and seconds and 0 < seconds <= timedelta(days=365).total_seconds():
            person, note = people.of(each.part("author")), prose.read(each, "comment")
            yield ImportedTime(person, start, start + timedelta(seconds=seconds), note)


def _with_files(fields: Object, written: str | None) -> str | None:
    """Files are named at the end of the description, with their addresses at Jira."""
    files = [
        f"- {link(name, address)}"
        for each in fields.parts("attachment")
        if (name := each.text("filename")) and (address := each.text("content"))
    ]
    return "\n\n".join(filter(None, [written, "\n".join(files)])) or None


def _extras(fields: Object, known: Known) -> dict[str, object]:
    found: dict[str, object] = {
        "Type": _name(fields, "issuetype"),
        "Resolution": _name(fields, "resolution"),
        "Environment": prose.read(fields, "environment"),
        "Fix versions": _names(fields, "fixVersions"),
        "Affects versions": _names(fields, "versions"),
        "Minutes spent": fields.estimate("timespent", 60),
    }
    told = {_EPIC, *_POINTS}
    own = {name: _plain(fields.said.get(id_)) for id_, name in known.names.items() if id_.startswith("customfield_")}
    return found | {name: value for name, value in own.items() if name not in told}


def _name(fields: Object, name: str) -> str | None:
    found = fields.part(name)
    return found.text("name") if found else None


def _names(fields: Object, name: str) -> str | None:
    return ", ".join(text for each in fields.parts(name) if (text := each.text("name"))) or None


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever somebody made
    """A field that somebody made, as far as it is one text, number or choice, or several."""
    if isinstance(value, dict):
        value = value.get("value") or value.get("name") or value.get("displayName")
    if isinstance(value, list):
        parts = [part for part in map(_plain, value) if isinstance(part, str)]
        return ", ".join(parts) or None
    if isinstance(value, str):
        return None if texts.why_not_taken(value) else value
    return value if isinstance(value, (int, float, bool)) else None
