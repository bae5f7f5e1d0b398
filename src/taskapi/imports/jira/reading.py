"""A file of Jira's as tasks: one issue a line, or answers of its search, one or many, packed by gzip or not."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from taskapi.imports import documents, texts
from taskapi.imports.documents import Damaged, Document
from taskapi.imports.extras import Extras
from taskapi.imports.jira import flat, issue
from taskapi.imports.jira.issue import Known
from taskapi.imports.jira.people import People
from taskapi.imports.objects import Object
from taskapi.imports.records import NotThatFormat, Problem, Reading, Record

_ANSWER: Final = "issues"
_OF_AN_ISSUE: Final = frozenset({"key", "fields", "summary"})


def read(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    known = Known(People(), Extras(reading))
    if _has_lines(file):
        known.people.learn(_issues(file))
        yield from _of_lines(file, known)
    else:
        _learn_names(file, known)
        yield from _of_document(file, known)


def _has_lines(file: BinaryIO) -> bool:
    """Whether an issue stands on each line; else issues stand in a list, within answers or by itself."""
    with documents.opened(file) as text:
        document = Document(text)
        try:
            match document.peek():
                case "[":
                    return False
                case "{":
                    for name in document.members():
                        if name in _OF_AN_ISSUE:
                            return True
                        if name == _ANSWER:
                            return False
                        document.skip()
        except Damaged as error:
            raise NotThatFormat(f"The file {error}") from None
    raise NotThatFormat("The file holds no issues of Jira: neither one a line, nor a list called “issues”")


def _of_lines(file: BinaryIO, known: Known) -> Iterator[Record]:
    """A line that cannot be read costs its own issue alone."""
    number = 0
    with documents.opened(file) as text:
        try:
            for number, line in documents.lines(text):
                try:
                    value = documents.decoded(line)
                except Damaged as error:
                    yield Problem(number, None, "unreadable", f"The line {error}")
                    continue
                yield from _issue(number, value, known)
        except Damaged as error:
            yield documents.problem(number + 1, error)


def _of_document(file: BinaryIO, known: Known) -> Iterator[Record]:
    """Places are counted through all the answers of the file."""
    place = 0
    with documents.opened(file) as text:
        document = Document(text)
        try:
            for value in _listed(document):
                place += 1
                yield from _issue(place, value, known)
        except Damaged as error:
            yield documents.problem(place + 1, error)


def _listed(document: Document) -> Iterator[object]:
    while sign := document.peek():
        if sign == "[":
            for _ in document.elements():
                yield document.value()
            continue
        for name in document.members():
            if name == _ANSWER:
                for _ in document.elements():
                    yield document.value()
            else:
                document.skip()


def _learn_names(file: BinaryIO, known: Known) -> None:
    """What fields are called may stand behind the issues that have them."""
    with documents.opened(file) as text:
        document = Document(text)
        try:
            while document.peek() == "{":
                for name in document.members():
                    if name == "names":
                        value = document.value()
                        found = value.items() if isinstance(value, dict) else ()
                        known.names.update({id_: called for id_, called in found if _is_name(called)})
                    else:
                        document.skip()
        except Damaged:
            return  # which is told of when the issues are read


def _is_name(value: object) -> bool:
    return isinstance(value, str) and texts.why_not_taken(value) is None


def _issue(line: int, value: object, known: Known) -> Iterator[Record]:
    if not isinstance(value, dict):
        yield Problem(line, None, "unreadable", "An issue must be an object")
    elif flat.is_flat(value):
        yield from issue.read(Object(line, flat.as_answer(value)), known, flat.CALLED, "")
    else:
        yield from issue.read(Object(line, value), known, {}, "fields.")


def _issues(file: BinaryIO) -> Iterator[Mapping[str, Any]]:
    """Whatever can be read, for who only looks for names."""
    with documents.opened(file) as text:
        try:
            for _, line in documents.lines(text):
                try:
                    value = documents.decoded(line)
                except Damaged:
                    continue
                if isinstance(value, dict):
                    yield value
        except Damaged:
            return
