"""A user's export as tasks: `data.json` of its ZIP archive, or that file by itself."""

from collections.abc import Container, Iterator
from typing import BinaryIO, Final

from taskapi.imports import archives, documents
from taskapi.imports.aside import Aside, aside
from taskapi.imports.documents import Damaged, Document
from taskapi.imports.extras import Extras
from taskapi.imports.objects import Object
from taskapi.imports.records import NotThatFormat, Problem, Reading, Record
from taskapi.imports.vikunja import task
from taskapi.imports.vikunja.projects import Projects

_DATA: Final = "data.json"
_BY_ID: Final = {"buckets": ("bucket", "id"), "task_buckets": ("in bucket", "task_id"), "views": ("view", "id")}
_DEEPEST: Final = 20


def read(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    if not archives.is_archive(file):
        yield from _records(file, reading, ())
        return
    with archives.opened(file) as archive:
        member = next((member for member in archive.infolist() if member.filename == _DATA), None)
        if member is None:
            raise NotThatFormat("The ZIP archive is no export of Vikunja: it holds no data.json")
        try:
            with archives.unpacked(archive, member) as data:
                yield from _records(data, reading, archive.NameToInfo)
        except Damaged as error:
            raise NotThatFormat(f"The archive cannot be read: it {error}") from None


def _records(file: BinaryIO, reading: Reading, members: Container[str]) -> Iterator[Record]:
    """Buckets stand after their tasks, so all is laid aside first; of a damaged file, what can be read."""
    with aside() as kept:
        damage = _lay_aside(file, kept)
        kept.index()
        projects, extras = Projects(kept), Extras(reading)
        for line, value in kept.all("task", "nothing"):
            yield from task.read(Object(line, value), projects, extras, members)
        yield from (Problem(line, None, "unreadable", "A task must be an object") for line in kept.of("no task", ""))
        if damage is not None:
            yield damage


def _lay_aside(file: BinaryIO, kept: Aside) -> Problem | None:
    with documents.opened(file) as text:
        document = Document(text)
        try:
            if document.peek() != "[":
                raise NotThatFormat("The file is no export of Vikunja: it is no list of projects")
            for place in document.elements():
                _keep_project(document, place, kept, 0)
        except Damaged as error:
            if not _count(kept):
                raise NotThatFormat(f"The file cannot be read: it {error}") from None
            return documents.problem(_count(kept) + 1, error)
    if not kept.count("project"):
        raise NotThatFormat("The file is no export of Vikunja: it has no projects with tasks")
    return None


def _keep_project(document: Document, place: int, kept: Aside, depth: int) -> None:
    if document.peek() != "{" or depth > _DEEPEST:
        document.skip()
        return
    said: dict[str, object] = {}
    has_tasks = False
    for name in document.members():
        is_list = document.peek() == "["
        if is_list and name == "tasks":
            has_tasks = True
            _keep_tasks(document, kept)
        elif is_list and name in _BY_ID:
            _keep_each(document, *_BY_ID[name], kept)
        elif is_list and name == "child_projects":
            for child in document.elements():
                _keep_project(document, child, kept, depth + 1)
        elif name in {"id", "title"}:
            said[name] = document.value()
        else:
            document.skip()
    if has_tasks:
        kept.put("project", str(said.get("id")), said, line=place)


def _keep_tasks(document: Document, kept: Aside) -> None:
    for _ in document.elements():
        value = document.value()
        line = _count(kept) + 1
        if isinstance(value, dict):
            kept.put("task", "", value, line=line)
        else:
            kept.put("no task", "", line)


def _keep_each(document: Document, kind: str, key: str, kept: Aside) -> None:
    for place in document.elements():
        value = document.value()
        if isinstance(value, dict):
            kept.put(kind, str(value.get(key)), value, line=place)


def _count(kept: Aside) -> int:
    return kept.count("task", "no task")
