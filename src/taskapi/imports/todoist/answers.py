"""What Todoist's API answers, of its sync or of its lists: items with what hangs on them, each told of elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from taskapi.imports import documents, lengths, texts
from taskapi.imports.aside import Aside, aside
from taskapi.imports.documents import Damaged, Document
from taskapi.imports.extras import Extras
from taskapi.imports.markup.writing import link
from taskapi.imports.objects import Object
from taskapi.imports.records import (
    ImportedComment,
    ImportedPerson,
    ImportedTask,
    NotThatFormat,
    Problem,
    Reading,
    Record,
)
from taskapi.imports.todoist import colors, dates, reminders
from taskapi.imports.todoist.dates import When

PRIORITIES: Final[Mapping[float, str]] = {4: "urgent", 3: "high", 2: "medium", 1: "none"}
"""As the API counts: 4 is what the app calls p1."""
_ITEMS: Final = frozenset({"items", "results", "tasks"})
_KINDS: Final = {
    "projects": "project",
    "sections": "section",
    "labels": "label",
    "collaborators": "person",
    "notes": "note",
    "comments": "note",
    "reminders": "reminder",
}
_OF_ITEM: Final = ("item_id", "task_id")


@dataclass(frozen=True, slots=True)
class _Known:
    kept: Aside
    reading: Reading
    extras: Extras
    has_projects: bool
    """Several, so that each task is labelled with its own."""

    def person(self, id_: str | None) -> ImportedPerson | None:
        if id_ is None:
            return None
        found = Object(0, self.kept.one("person", id_) or {})
        return ImportedPerson(found.text("full_name") or found.text("name"), found.text("email"), id_)

    def named(self, kind: str, id_: str | None) -> str | None:
        found = self.kept.one(kind, id_) if id_ else None
        return texts.name(Object(0, found).text("name") or "") or None if isinstance(found, dict) else None


def read(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    with aside() as kept:
        damage = _lay_aside(file, kept)
        kept.index()
        known = _Known(kept, reading, Extras(reading), has_projects=kept.count("project") > 1)
        for line, value in kept.all("item", "section"):
            item = Object(line, value)
            if not item.flag("is_deleted"):
                yield from _task(item, known)
        yield from (Problem(place, None, "unreadable", "An item must be an object") for place in kept.of("no item", ""))
        if damage is not None:
            yield damage


def _lay_aside(file: BinaryIO, kept: Aside) -> Problem | None:
    has_items = False
    with documents.opened(file) as text:
        document = Document(text)
        try:
            if document.peek() == "[":
                has_items = True
                _keep_items(document, kept)
            for name in document.members() if document.peek() == "{" else ():
                has_items = has_items or (name in _ITEMS and document.peek() == "[")
                _keep_member(name, document, kept)
        except Damaged as error:
            if not has_items:
                raise NotThatFormat(f"The file cannot be read: it {error}") from None
            return documents.problem(1 + kept.count("item", "no item"), error)
    if not has_items:
        raise NotThatFormat("The file is neither a CSV of Todoist, nor an answer of its API with items")
    return None


def _keep_member(name: str, document: Document, kept: Aside) -> None:
    is_list = document.peek() == "["
    if is_list and name in _ITEMS:
        _keep_items(document, kept)
    elif is_list and name in _KINDS:
        for place in document.elements():
            _keep(_KINDS[name], document.value(), place, kept)
    elif name == "user":
        _keep("person", document.value(), 0, kept)
    else:
        document.skip()


def _keep_items(document: Document, kept: Aside) -> None:
    for place in document.elements():
        value = document.value()
        if isinstance(value, dict):
            order = value.get("child_order", value.get("order"))
            order = order if isinstance(order, int) and abs(order) < 2**53 else 0
            kept.put("item", str(value.get("section_id")), value, place=order, line=place)
        else:
            kept.put("no item", "", place)


def _keep(kind: str, value: object, place: int, kept: Aside) -> None:
    if not isinstance(value, dict):
        return
    is_of_item = kind in {"note", "reminder"}
    owner = next((value[name] for name in _OF_ITEM if name in value), None) if is_of_item else value.get("id")
    if owner is not None:
        order = value.get("section_order", value.get("order"))
        order = order if kind == "section" and isinstance(order, int) and abs(order) < 2**53 else 0
        kept.put(kind, str(owner), value, place=order, line=place)
    if kind == "label" and isinstance(value.get("name"), str):
        kept.put("label named", value["name"], value, line=place)


def _task(item: Object, known: _Known) -> Iterator[Record]:
    content = (item.text("content") or "").removeprefix("* ")
    title, prose = texts.title_and_prose(content, item.text("description"))
    if not title:
        yield from dict.fromkeys(item.problems)
        yield item.lost("content", "missing_title", "A task needs a title")
        return
    id_ = item.id("id")
    due, parent = _due(item, known.reading), item.id("parent_id")
    responsible = known.person(item.id("responsible_uid") or item.id("assignee_id"))
    is_done = item.flag("checked") or item.flag("is_completed")
    recurrence = None if is_done else due.series()
    found = _extras(item, due, recurrence)
    done_at = item.instant("completed_at") or item.instant("date_completed")
    task = ImportedTask(
        line=item.line,
        external_id=id_,
        title=title,
        description=lengths.description(item, "description", prose),
        status=None if is_done else known.named("section", item.id("section_id")),
        priority=_priority(item),
        assignees=(responsible,) if responsible else (),
        labels=_labels(item, known),
        due_on=due.due_on,
        due_at=due.due_at,
        parent=parent if parent not in {id_, "0"} else None,
        created_at=_made_at(item),
        created_by=known.person(item.id("added_by_uid") or item.id("creator_id")),
        completed_at=(done_at or item.instant("updated_at") or _made_at(item)) if is_done else None,
        fields=known.extras.taken(found),
        comments=list(_comments(item, id_ or "", known)),
        recurrence=recurrence,
        reminders=list(reminders.read(item, known.kept.of("reminder", id_ or ""), known.person, known.reading)),
        label_colors=colors.of_labels(known.kept, item.texts("labels")),
    )
    yield from known.extras.left_out(item.line, found)
    yield from dict.fromkeys(item.problems)
    yield task


def _made_at(item: Object) -> datetime | None:
    return item.instant("added_at") or item.instant("date_added") or item.instant("created_at")


def _priority(item: Object) -> str:
    said = item.number("priority")
    if said is not None and said not in PRIORITIES:
        item.blame("priority", "must be 1, 2, 3 or 4")
    return PRIORITIES.get(1 if said is None else said, "none")


def _labels(item: Object, known: _Known) -> tuple[str, ...]:
    """By name, as the API has them now, or by id, as it had them."""
    own = [known.named("label", said) or texts.name(said) for said in item.texts("labels")]
    project = known.named("project", item.id("project_id")) if known.has_projects else None
    return tuple({name.casefold(): name for name in [*own, project] if name}.values())


def _due(item: Object, reading: Reading) -> When:
    due = item.part("due")
    said = due.text("date") if due else None
    if due is None or not said:
        return When()
    zone = dates.zone_of(due.text("timezone"), reading)
    found = dates.exact(due.text("datetime") or said, zone)
    if found is None:
        due.blame("date", f"“{said[:60]}” is no day and no instant")
    words = due.text("string") if due.flag("is_recurring") else None
    return dates.recurring_on(found, words, due.text("lang"), zone) if words else found or When()


def _extras(item: Object, due: When, recurrence: Mapping[str, object] | None) -> dict[str, object]:
    duration, deadline = item.part("duration"), item.part("deadline")
    amount = duration.number("amount") if duration else None
    return {
        "Repeats": None if recurrence else due.words,
        "Duration": f"{amount:g} {duration.text('unit') or 'minute'}" if duration and amount else None,
        "Deadline": deadline.text("date") if deadline else None,
    }


def _comments(item: Object, id_: str, known: _Known) -> Iterator[ImportedComment]:
    notes: Sequence[Object] = [Object(item.line, said, "notes.", item.problems) for said in known.kept.of("note", id_)]
    for note in notes:
        if note.flag("is_deleted"):
            continue
        file = note.part("file_attachment") or note.part("attachment")
        address = file.text("file_url") if file else None
        linked = link((file.text("file_name") if file else None) or "file", address) if address else None
        body = "\n\n".join(filter(None, [note.text("content"), linked]))
        author = known.person(note.id("posted_uid"))
        at = note.instant("posted_at") or note.instant("posted")
        yield from lengths.comments(ImportedComment(note.id("id"), author, at, body))
