"""What the log of a board tells of a card: who changed what and when, and who said what.

Where a card is stands in three places: its list, whether it is complete, and whether it was put away. Its status is
made of all three, so the log is undone from how they are now, and each entry has a status before and after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from taskapi.imports import lengths, texts
from taskapi.imports.histories import Item, Step
from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedComment, ImportedPerson
from taskapi.imports.trello.board import Board, label_of, status_of

SETS: Final = frozenset({"assignees", "labels"})
_MAKING: Final = frozenset({"createCard", "copyCard", "emailCard", "convertToCardFromCheckItem"})


@dataclass(frozen=True, slots=True)
class Now:
    """How a card is: where, and how it is described, in its own words and in those of the task."""

    list_name: str | None
    is_closed: bool
    is_complete: bool
    written: str | None = None
    description: str | None = None

    @property
    def status(self) -> tuple[str | None, str | None]:
        return status_of(self.list_name, is_closed=self.is_closed, is_complete=self.is_complete)


def comments(actions: Sequence[Object], board: Board) -> Iterator[ImportedComment]:
    for action in actions:
        if action.text("type") in {"commentCard", "copyCommentCard"} and (data := action.part("data")):
            body = data.text("text") or ""
            yield from lengths.comments(ImportedComment(action.id("id"), _actor(action, board), _at(action), body))


def steps(actions: Sequence[Object], board: Board, now: Now) -> list[Step]:
    found: list[Step] = []
    for action in reversed(actions):
        at, data = _at(action), action.part("data")
        if at is None or data is None:
            continue
        before = _undone(data, now, board) if action.text("type") == "updateCard" else now
        items = list(_items(action, data, board, now))
        if before.status != now.status:
            items.append(("status", before.status[0], now.status[0]))
        now = before
        if items:
            found.append(Step(at, _actor(action, board), items))
    return found[::-1]


def made(actions: Sequence[Object], board: Board) -> tuple[datetime | None, ImportedPerson | None]:
    making = next((action for action in actions if action.text("type") in _MAKING), None)
    return (_at(making), _actor(making, board)) if making else (None, None)


def _undone(data: Object, now: Now, board: Board) -> Now:
    old = data.part("old")
    if old is None:
        return now
    if "closed" in old.said:
        now = replace(now, is_closed=old.flag("closed"))
    if "dueComplete" in old.said:
        now = replace(now, is_complete=old.flag("dueComplete"))
    if "idList" in old.said:
        before = data.part("listBefore")
        name = board.list_named(old.id("idList"), before.text("name") if before else None)
        now = replace(now, list_name=name or now.list_name)
    return now


def _items(action: Object, data: Object, board: Board, now: Now) -> Iterator[Item]:
    kind, old, card = action.text("type"), data.part("old"), data.part("card")
    if kind == "updateCard" and old is not None and card is not None:
        yield from _updates(old, card, now)
    elif kind in {"addMemberToCard", "removeMemberFromCard"}:
        said = data.part("member") or action.part("member")
        person = board.person(data.id("idMember") or (said.id("id") if said else None), said.said if said else None)
        yield _one_of("assignees", person, is_added=kind == "addMemberToCard")
    elif kind in {"addLabelToCard", "removeLabelFromCard"} and (label := data.part("label")):
        name = board.label(label.id("id") or "") or label_of(label.said)
        yield _one_of("labels", name, is_added=kind == "addLabelToCard")


def _updates(old: Object, card: Object, now: Now) -> Iterator[Item]:
    if "name" in old.said:
        yield "title", _title(old), _title(card)
    if "desc" in old.said:
        yield "description", _description(old.text("desc"), now), _description(card.text("desc"), now)
    if "due" in old.said:
        yield "due_at", old.instant("due"), card.instant("due")
    if "start" in old.said:
        yield "start_on", old.day("start"), card.day("start")


def _title(card: Object) -> str | None:
    return texts.title_and_prose(card.text("name") or "", None)[0] or None


def _description(text: str | None, now: Now) -> str | None:
    """The present one became what the task has, with its files."""
    return now.description if text == now.written else text


def _one_of(field: str, value: Any, *, is_added: bool) -> Item:  # noqa: ANN401 - a name or a person
    values = (value,) if value is not None else ()
    return (field, (), values) if is_added else (field, values, ())


def _actor(action: Object, board: Board) -> ImportedPerson | None:
    said = action.part("memberCreator")
    return board.person(action.id("idMemberCreator") or (said.id("id") if said else None), said.said if said else None)


def _at(action: Object) -> datetime | None:
    return action.instant("date")
