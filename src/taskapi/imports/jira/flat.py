"""Issues as data sets have them, one flat object a line, in the shape in which Jira's REST answers have them.

    {key, type, summary, description, status, resolution, priority, reporter, assignee, created, updated, resolved, due,
     labels[], components[], parent, links[{type, to | from}], estimate_seconds, spent_seconds,
     comments[{at, by, body}], changes[{at, by, items[{field, from, to}]}]}

A value of the wrong kind goes along as it is, for whoever asks for it to tell of.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

# How this shape calls what the other calls otherwise, for problems.
CALLED: Final = {
    "issuetype": "type",
    "resolutiondate": "resolved",
    "duedate": "due",
    "issuelinks": "links",
    "timeoriginalestimate": "estimate_seconds",
    "timespent": "spent_seconds",
    "comment": "comments",
}
_NAMED: Final = ("type", "status", "resolution", "priority", "reporter", "assignee")
_SAME: Final = {
    **{name: name for name in ("summary", "description", "created", "updated", "labels")},
    **{theirs: name for name, theirs in CALLED.items() if name not in {"issuetype", "issuelinks", "comment"}},
}


def is_flat(line: Mapping[str, Any]) -> bool:
    return "summary" in line and "fields" not in line


def as_answer(line: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: line.get(theirs) for theirs, name in _SAME.items()}
    fields |= {"issuetype" if name == "type" else name: _named(line.get(name)) for name in _NAMED}
    fields["components"] = _each(line.get("components"), _named)
    fields["parent"] = {"key": line["parent"]} if line.get("parent") else None
    fields["issuelinks"] = _each(line.get("links"), _link)
    fields["comment"] = {"comments": _each(line.get("comments"), _comment)}
    changes = {"histories": _each(line.get("changes"), _change)}
    return {"key": line.get("key"), "fields": fields, "changelog": changes}


def _each(values: object, convert: Callable[[Any], object]) -> object:
    return [convert(value) for value in values] if isinstance(values, list) else values


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def _link(value: object) -> object:
    if not isinstance(value, dict):
        return value
    link = {"type": _named(value.get("type"))}
    return link | {
        name: {"key": value[end]} for name, end in (("outwardIssue", "to"), ("inwardIssue", "from")) if value.get(end)
    }


def _comment(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {"created": value.get("at"), "author": _named(value.get("by")), "body": value.get("body")}


def _change(value: object) -> object:
    if not isinstance(value, dict):
        return value
    items = _each(value.get("items"), _item)
    return {"created": value.get("at"), "author": _named(value.get("by")), "items": items}


def _item(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {"field": value.get("field"), "fromString": value.get("from"), "toString": value.get("to")}
