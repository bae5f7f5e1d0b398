"""The export of a board as tasks, in the order of its lists and cards."""

import math
from collections.abc import Iterator
from typing import BinaryIO, Final

from taskapi.imports import documents
from taskapi.imports.aside import Aside, aside
from taskapi.imports.documents import Damaged, Document
from taskapi.imports.extras import Extras
from taskapi.imports.objects import Object
from taskapi.imports.records import NotThatFormat, Problem, Reading, Record
from taskapi.imports.trello import card
from taskapi.imports.trello.board import Board

_BY_ID: Final = {"lists": "list", "labels": "label", "members": "member", "customFields": "field"}
_OF_CARDS: Final = ("checklists", "actions")


def read(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    """Cards may stand before their lists, so the board is laid aside first; of a damaged file, what can be read."""
    with aside() as kept:
        damage = _lay_aside(file, kept)
        kept.index()
        board, extras = Board(kept), Extras(reading)
        for line, value in kept.all("card", "list"):
            yield from card.read(Object(line, value), board, extras)
        yield from (Problem(place, None, "unreadable", "A card must be an object") for place in kept.of("no card", ""))
        if damage is not None:
            yield damage


def _lay_aside(file: BinaryIO, kept: Aside) -> Problem | None:
    """The problem that ends it early."""
    seen: set[str] = set()
    with documents.opened(file) as text:
        document = Document(text)
        try:
            if document.peek() != "{":
                raise NotThatFormat("The file is no export of a Trello board: it is no JSON object")
            for name in document.members():
                is_known = document.peek() == "[" and (name == "cards" or name in _BY_ID or name in _OF_CARDS)
                if not is_known:
                    document.skip()
                    continue
                seen.add(name)
                for place in document.elements():
                    _keep(name, document.value(), place, kept)
        except Damaged as error:
            if "cards" not in seen:
                raise NotThatFormat(f"The file cannot be read: it {error}") from None
            return documents.problem(1 + kept.count("card", "no card"), error)
    if not {"cards", "lists"} <= seen:
        raise NotThatFormat("The file is no export of a Trello board: it has no lists or no cards")
    return None


def _keep(name: str, value: object, place: int, kept: Aside) -> None:
    if not isinstance(value, dict):
        if name == "cards":
            kept.put("no card", "", place)
    elif name == "cards":
        kept.put("card", str(value.get("idList")), value, place=_place(value), line=place)
    elif name == "checklists":
        kept.put("checklist", str(value.get("idCard")), value, place=_place(value), line=place)
    elif name == "actions":
        kept.put("action", _card_of(value), value, line=-place)  # the newest stands first
    else:
        kept.put(_BY_ID[name], str(value.get("id")), value, place=_place(value), line=place)


def _card_of(action: dict[str, object]) -> str:
    data = action.get("data")
    found = data.get("card") if isinstance(data, dict) else None
    return str(found.get("id")) if isinstance(found, dict) else ""


def _place(value: dict[str, object]) -> float:
    found = value.get("pos")
    return found if isinstance(found, (int, float)) and math.isfinite(found) and abs(found) < 2**53 else 2**53
