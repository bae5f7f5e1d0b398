"""Texts that are longer than ours may be: a description is cut, and told of; a comment becomes several."""

from collections.abc import Iterator

from taskapi.imports import texts
from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedComment
from taskapi.tasks.comments.schemas import MAX_BYTES


def description(found: Object, name: str, text: str | None) -> str | None:
    if text is None or len(text) <= texts.MAX_PROSE:
        return text or None
    found.blame(name, f"has {len(text)} characters as a description, and was cut after {texts.MAX_PROSE}")
    return text[: texts.MAX_PROSE]


def comments(comment: ImportedComment) -> Iterator[ImportedComment]:
    """The comment, in as many parts as it takes; none where nothing of it can be seen."""
    if not texts.line(comment.body):
        return
    rest, place = comment.body, 1
    while rest:
        part = rest.encode()[:MAX_BYTES].decode(errors="ignore")
        known = comment.external_id if place == 1 or comment.external_id is None else f"{comment.external_id}/{place}"
        yield ImportedComment(known, comment.author, comment.at, part)
        rest, place = rest[len(part) :], place + 1
