"""An export without what a second service gives anew: ids, keys, numbers of writes, and times of the import itself."""

import json
from typing import Any

Line = dict[str, Any]
# The project is the one that was there; whoever was a member there is none here by an import.
_ABOUT_THE_PROJECT = {"project", "end"}
_MADE_ANEW = {"batch_id", "subject_key", "id", "project_id", "number", "key", "rank", "version", "updated_at"}
# A status and a field are known by their keys, and keep them.
_KEEP_THEIR_KEYS = {"status", "field"}


def canonical(text: str) -> list[str]:
    """Sorted lines; what an id names is told by its name, a task by its title."""
    lines: list[Line] = [json.loads(line) for line in text.splitlines()]
    names = {line["id"]: _name(line) for line in lines if "id" in line and line["type"] != "change"}
    kept = [_renamed(_without(line), names) for line in lines if _is_told(line, names)]
    return sorted(json.dumps(line, sort_keys=True, ensure_ascii=False) for line in kept)


def _is_told(line: Line, names: dict[str, str]) -> bool:
    """Of what happened, how tasks changed: their making is told by themselves, and all else is the other project's."""
    if line["type"] == "change":
        return line["subject_type"] == "task" and line["kind"] != "task.created" and line["subject_id"] in names
    return line["type"] not in _ABOUT_THE_PROJECT


def _name(line: Line) -> str:
    said = line.get("username") or line.get("title") or line.get("name") or line.get("text") or line.get("body")
    return f"{line['type']} {said or line.get('emoji') or line.get('started_at') or ''}"


def _without(line: Line) -> Line:
    gone = _MADE_ANEW - {"key"} if line["type"] in _KEEP_THEIR_KEYS else _MADE_ANEW
    if line["type"] not in {"task", "comment"}:
        gone = gone | {"created_at", "joined_at"}
    # A fact about a completion is some milliseconds younger than that; an import knows the moment itself.
    if "completed_at" in line.get("changes", ()):
        gone = gone | {"at"}
    return {name: value for name, value in line.items() if name not in gone}


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _renamed(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value
