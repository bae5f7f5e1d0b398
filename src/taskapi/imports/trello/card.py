"""A card as a task: what it says itself, and what its board says of it elsewhere."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from taskapi.imports import lengths, texts
from taskapi.imports.extras import Extras
from taskapi.imports.histories import with_history
from taskapi.imports.markup.writing import link
from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedItem, ImportedPerson, ImportedTask, Record
from taskapi.imports.trello import log
from taskapi.imports.trello.board import Board, color_of, label_of
from taskapi.imports.trello.log import SETS, Now

_ID: Final = 24
_TIME_OF_ID: Final = 8
"""Hexadecimal digits of an id that are the time at which it was made, in seconds since 1970."""
_VALUES: Final = ("text", "number", "date", "checked")


def read(card: Object, board: Board, extras: Extras) -> Iterator[Record]:
    written = card.text("desc")
    title, described = texts.title_and_prose(card.text("name") or "", _with_files(card, written))
    if not title:
        yield from card.problems
        yield card.lost("name", "missing_title", "A task needs a title")
        return
    id_, list_id = card.id("id"), card.id("idList")
    description = lengths.description(card, "desc", described)
    is_closed = card.flag("closed") or board.is_list_closed(list_id)
    now = Now(board.list_named(list_id), is_closed, card.flag("dueComplete"), written, description)
    actions = [Object(card.line, said, "actions.", card.problems) for said in board.kept.of("action", id_ or "")]
    status, category = now.status
    created_at, created_by = log.made(actions, board)
    active_at = card.instant("dateLastActivity")
    found = _extras(card, board, now.list_name if status != now.list_name else None)
    task = ImportedTask(
        line=card.line,
        external_id=id_,
        title=title,
        description=description,
        status=status,
        category=category,
        assignees=_assignees(card, board),
        labels=_labels(card, board),
        start_on=card.day("start"),
        due_at=card.instant("due"),
        created_at=created_at or _made_at(id_),
        created_by=created_by or board.person(card.id("idMemberCreator")),
        completed_at=active_at if category else None,
        fields=extras.taken(found),
        comments=list(log.comments(actions, board)),
        checklist=list(_checklist(card, board, id_ or "")),
        label_colors=_colors(card, board),
    )
    task = with_history(task, log.steps(actions, board, now), active_at, SETS)
    yield from extras.left_out(card.line, found)
    yield from dict.fromkeys(card.problems)
    yield task


def _assignees(card: Object, board: Board) -> tuple[ImportedPerson, ...]:
    found = (board.person(member_id) for member_id in card.texts("idMembers"))
    return tuple(dict.fromkeys(person for person in found if person is not None))


def _labels(card: Object, board: Board) -> tuple[str, ...]:
    """By their ids, else as the card has them itself."""
    by_id = [board.label(label_id) for label_id in card.texts("idLabels")]
    own = [label_of(label.said) for label in card.parts("labels")]
    return tuple({name.casefold(): name for name in [*by_id, *own] if name}.values())


def _colors(card: Object, board: Board) -> dict[str, str]:
    by_id = [board.kept.one("label", label_id) for label_id in card.texts("idLabels")]
    found = (color_of(said) for said in [*by_id, *(label.said for label in card.parts("labels"))])
    return dict(one for one in found if one is not None)


def _checklist(card: Object, board: Board, id_: str) -> Iterator[ImportedItem]:
    """All lists of a card, one after the other; where there are several, each item says of which it is."""
    apart = [Object(card.line, said, "checklists.", card.problems) for said in board.kept.of("checklist", id_)]
    lists = apart or list(card.parts("checklists"))
    for each in lists:
        items = sorted(each.parts("checkItems"), key=lambda item: item.number("pos") or 0)
        before = f"{texts.line(each.text('name') or '')}: " if len(lists) > 1 and each.text("name") else ""
        for item in items:
            name = texts.line(item.text("name") or "")
            if name:
                yield ImportedItem(f"{before}{name}"[: texts.MAX_TITLE], item.text("state") == "complete")


def _with_files(card: Object, written: str | None) -> str | None:
    """Files and links are named at the end of the description, with their addresses."""
    files = [
        f"- {link(each.text('name') or address, address)}"
        for each in card.parts("attachments")
        if (address := each.text("url")) and address.startswith(("http://", "https://"))
    ]
    return "\n\n".join(filter(None, [written, "\n".join(files)])) or None


def _extras(card: Object, board: Board, list_name: str | None) -> dict[str, object]:
    """Fields that somebody made; and the list, where the status says something else."""
    found: dict[str, object] = {"List": list_name}
    for item in card.parts("customFieldItems"):
        field_id, option_id = item.id("idCustomField") or "", item.id("idValue")
        name = board.field_named(field_id)
        if name is not None:
            found[name] = board.option(field_id, option_id) if option_id else _value(item.part("value"))
    return found


def _value(value: Object | None) -> str | None:
    return next((text for kind in _VALUES if (text := value.text(kind))), None) if value else None


def _made_at(id_: str | None) -> datetime | None:
    if not id_ or len(id_) != _ID:
        return None
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(int(id_[:_TIME_OF_ID], 16), UTC)
    return None
