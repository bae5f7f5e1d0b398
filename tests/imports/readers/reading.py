"""Files as readers make tasks of them."""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from taskapi.imports.jira import reading as jira
from taskapi.imports.records import ImportedChange, ImportedTask, Problem, Reader, Reading
from taskapi.imports.todoist import reading as todoist
from taskapi.imports.trello import reading as trello
from taskapi.imports.vikunja import reading as vikunja

SAMPLES: Final = Path(__file__).parents[1] / "samples"
READERS: Final[Mapping[str, Reader]] = {
    "jira": jira.read,
    "todoist": todoist.read,
    "trello": trello.read,
    "vikunja": vikunja.read,
}
TAKING_ALL: Final = {"unknown": "fields"}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_bytes())


def read(
    form: str, content: bytes | str | Mapping[str, Any] | list[Any], options: Mapping[str, object] | None = None
) -> tuple[list[ImportedTask], list[Problem]]:
    if not isinstance(content, bytes | str):
        content = json.dumps(content)
    data = content.encode() if isinstance(content, str) else content
    records = list(READERS[form](BytesIO(data), Reading(None, options or {})))
    tasks = [record for record in records if isinstance(record, ImportedTask)]
    return tasks, [record for record in records if isinstance(record, Problem)]


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def is_chain(task: ImportedTask) -> bool:
    """Whether each change begins where the one before it ended, and the last ends in the task."""
    state: dict[str, object] = {}
    for change in task.history:
        for field, (before, after) in change.changes.items():
            if state.get(field, before) != before:
                return False
            state[field] = after
    return all(getattr(task, field) == value for field, value in state.items())


def at_first(task: ImportedTask, field: str) -> object:
    """What it was before its first change."""
    return next((change.changes[field][0] for change in task.history if field in change.changes), getattr(task, field))


def change_of(task: ImportedTask, field: str) -> ImportedChange:
    return next(change for change in task.history if field in change.changes)
