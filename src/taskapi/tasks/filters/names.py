"""The names of the filter language: for each, how a value after its colon is read, and what `none` means.

A field of `fields.py` is made a name by its type (`name_of`), so that a project's custom fields, which are known only
at run time, are names by nothing more than their entry there. Written by hand are those that people say in other words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from typing import Final, TypeAlias
from uuid import UUID

from taskapi.core.http.references import ById, ByKey, Reference
from taskapi.tasks.filters import times
from taskapi.tasks.filters.ast import And, Clause, Filter, Not, Operator, Or
from taskapi.tasks.filters.fields import FIELDS, Field
from taskapi.tasks.filters.language import Mistake, Value
from taskapi.tasks.filters.moments import Moment
from taskapi.tasks.filters.schemas import DueIn
from taskapi.tasks.filters.standpoint import BLOCKED, OPEN, Standpoint, dues, overdue

Reading: TypeAlias = Callable[[Value, Standpoint], Filter]
_Time: TypeAlias = Callable[[times.Time, Standpoint], object]

_RANGE: Final = ".."
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_STATUS: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
_USERNAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_TASK: Final = re.compile(r"([A-Z][A-Z0-9]{1,9})-([1-9][0-9]{0,8})", re.IGNORECASE)
_PROJECT: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}", re.IGNORECASE)
_LONGEST_SUGGESTED_FOR: Final = 60


@dataclass(frozen=True, slots=True)
class Name:
    """A word that may stand before a colon."""

    read: Reading
    """One value; several are joined by OR."""
    empty: Filter | None = None
    """What `none` after the colon means, and `no:` before the name; None: it is never empty."""


def refused(value: Value, wanted: str, known: tuple[str, ...] = ()) -> Mistake:
    """`known` are words of which one may have been meant."""
    return Mistake(value.column, f"Expected {wanted}{suggestion(value.text, known)}")


def suggestion(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word[:_LONGEST_SUGGESTED_FOR].lower(), known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def name_of(field: str, of: Field) -> Name:
    """A name for a field by what it holds; for those of run time, too."""
    empty = Clause(field, Operator.EMPTY) if Operator.EMPTY in of.operators else None
    return Name(_reading_of(field, of), empty)


def _reading_of(field: str, of: Field) -> Reading:  # noqa: PLR0911 - one line for each type that a field can hold
    if Operator.MATCHES in of.operators:
        return partial(_text, field)
    if issubclass(of.type, StrEnum):
        return partial(_choice, field, tuple(of.type))
    if of.type is bool:
        return partial(_flag, field)
    if of.type in {int, float}:
        return partial(_number, field, of.type)
    if of.type is datetime:
        return partial(_time, field, times.as_instant)
    if of.type is Moment:
        return partial(_time, field, times.as_moment)
    if of.type is date:
        return partial(_day, field)
    if of.type is UUID:
        return partial(_person, field, "")
    return partial(_exactly, field)


def _plain(value: Value, wanted: str) -> str:
    if value.comparison not in {"", "="}:
        raise Mistake(value.column, f"This field has no order to compare by; expected {wanted}")
    if not value.text:
        raise refused(value, wanted)
    return value.text


def _exactly(field: str, value: Value, _: Standpoint) -> Filter:
    return Clause(field, Operator.ANY_OF, (_plain(value, "a value, such as todo"),))


def _text(field: str, value: Value, _: Standpoint) -> Filter:
    return Clause(field, Operator.MATCHES, (_plain(value, "a word, or a phrase in quotes"),))


def _flag(field: str, value: Value, _: Standpoint) -> Filter:
    words = {"true": True, "yes": True, "false": False, "no": False}
    said = words.get(_plain(value, "true or false").lower())
    if said is None:
        raise refused(value, "true or false", tuple(words))
    holds = Clause(field, Operator.HOLDS)
    return holds if said else Not(holds)


def _choice(field: str, words: tuple[str, ...], value: Value, _: Standpoint) -> Filter:
    """In the order of their declaration, where that is one."""
    wanted = f"one of {', '.join(words)}"
    if field not in _IN_ORDER:
        _plain(value, wanted)
    if (word := value.text.lower()) not in words:
        raise refused(value, wanted, words)
    at = words.index(word)
    fitting = {"<": words[:at], "<=": words[: at + 1], ">": words[at + 1 :], ">=": words[at:]}
    return Clause(field, Operator.ANY_OF, tuple(fitting.get(value.comparison, (words[at],))))


def _status(value: Value, _: Standpoint) -> Filter:
    wanted = "the key of a status, such as in_progress"
    if not _STATUS.fullmatch(key := _plain(value, wanted).lower()):
        raise refused(value, wanted)
    return Clause("status", Operator.ANY_OF, (key,))


def _number(field: str, kind: type[int] | type[float], value: Value, _: Standpoint) -> Filter:
    form, wanted = (_WHOLE, "a whole number") if kind is int else (_NUMBER, "a number, such as 3 or 0.5")

    def number(text: str) -> int | float:
        if not form.fullmatch(text):
            raise refused(value, f"{wanted}, or two with .. between them")
        return kind(text)

    low, high = (number(text) for text in _ends(value))
    equal, below, since = (
        Clause(field, operator, (bound,))
        for operator, bound in ((Operator.ANY_OF, high), (Operator.BEFORE, high), (Operator.SINCE, low))
    )
    if low != high:
        return And((since, Or((below, equal))))
    choices: dict[str, Filter] = {"<": below, "<=": Or((below, equal)), ">": And((since, Not(equal))), ">=": since}
    return choices.get(value.comparison, equal)


def _ends(value: Value) -> tuple[str, str]:
    """Both ends of `a..b`; of a single value, itself twice."""
    low, dots, high = value.text.partition(_RANGE)
    if dots and value.comparison:
        raise Mistake(value.column, "A range with .. between its ends takes no comparison")
    return low, high if dots else low


def _time(field: str, convert: _Time, value: Value, seen_from: Standpoint, wanted: str = times.IN_WORDS) -> Filter:
    spans = [times.span(text, seen_from) for text in _ends(value)]
    if None in spans:
        raise refused(
            value, f"{wanted}, between the years 1900 and 2999; two make a range with .. between", times.WORDS
        )
    first, after = (
        (convert(time, seen_from),)
        for time in (spans[0].first, spans[1].after)  # type: ignore[union-attr]  # none of them is None
    )
    before, since = partial(Clause, field, Operator.BEFORE), partial(Clause, field, Operator.SINCE)
    choices = {"<": before(first), "<=": before(after), ">": since(after), ">=": since(first)}
    return choices.get(value.comparison) or And((since(first), before(after)))


def _day(field: str, value: Value, seen_from: Standpoint) -> Filter:
    def as_day(time: times.Time, _: Standpoint) -> date:
        if isinstance(time, datetime):
            raise refused(value, times.A_DAY_IN_WORDS)
        return time

    return _time(field, as_day, value, seen_from, times.A_DAY_IN_WORDS)


def _due(value: Value, seen_from: Standpoint) -> Filter:
    groups = dues(seen_from)
    if not (value.comparison or value.quoted) and value.text.lower() in _DUES:
        return groups[DueIn(value.text.lower())]
    return _time("due", times.as_moment, value, seen_from)


def _person(field: str, by_name: str, value: Value, seen_from: Standpoint) -> Filter:
    """`me`, an id, or a user name where the field has an entry for those: `@me` is somebody who is called so."""
    text = _plain(value, "me, a user name or an id")
    if text.lower() == "me" and not value.quoted:
        if seen_from.me is None:
            raise Mistake(value.column, "Behind a share link there is no `me`; expected a user's id")
        return Clause(field, Operator.ANY_OF, (seen_from.me,))
    if _UUID.fullmatch(text):
        return Clause(field, Operator.ANY_OF, (UUID(text),))
    if not by_name or seen_from.me is None:
        raise refused(value, "a user's id" if seen_from.me is None else "me or a user's id", ("me", "none"))
    if not _USERNAME.fullmatch(text.removeprefix("@")):
        raise refused(value, "me, none, a user name or a user's id", ("me", "none"))
    return Clause(by_name, Operator.ANY_OF, (text.removeprefix("@"),))


def _task(value: Value) -> Reference:
    wanted = "the key of a task, such as WEB-12, or its id"
    text = _plain(value, wanted)
    if _UUID.fullmatch(text):
        return ById(UUID(text))
    if not (found := _TASK.fullmatch(text)):
        raise refused(value, wanted)
    return ByKey(found[1].upper(), int(found[2]))


def _parent(value: Value, _: Standpoint) -> Filter:
    parent = _task(value)
    if isinstance(parent, ById):
        return Clause("parent", Operator.ANY_OF, (parent.id,))
    return Clause("parent_key", Operator.ANY_OF, (parent,))


def _key(value: Value, _: Standpoint) -> Filter:
    task = _task(value)
    if isinstance(task, ById):
        raise refused(value, "the key of a task, such as WEB-12")
    return Clause("key", Operator.ANY_OF, (task,))


def _project(value: Value, _: Standpoint) -> Filter:
    wanted = "the key of a project, such as WEB, or its id"
    text = _plain(value, wanted)
    if _UUID.fullmatch(text):
        return Clause("project", Operator.ANY_OF, (UUID(text),))
    if not _PROJECT.fullmatch(text):
        raise refused(value, wanted)
    return Clause("project_key", Operator.ANY_OF, (text.upper(),))


def _marked(field: str, value: Value, _: Standpoint) -> Filter:
    """By its id, or by its name, which has an entry of its own."""
    text = _plain(value, f"the name of a {field}, or its id")
    if _UUID.fullmatch(text):
        return Clause(field, Operator.ANY_OF, (UUID(text),))
    return Clause(f"{field}_name", Operator.ANY_OF, (text.lower(),))


def _cycle(value: Value, seen_from: Standpoint) -> Filter:
    if value.text.lower() == "current" and not (value.quoted or value.comparison):
        return Clause("cycle_day", Operator.HOLDS, (seen_from.today,))
    return _marked("cycle", value, seen_from)


STATES: Final[Mapping[str, Callable[[Standpoint], Filter]]] = {
    "open": lambda _: OPEN,
    "closed": lambda _: Not(OPEN),
    "overdue": overdue,
    "blocked": lambda _: BLOCKED,
}
"""What a task can be: the words after `is:`."""


def _is(value: Value, seen_from: Standpoint) -> Filter:
    wanted, words = f"one of {', '.join(STATES)}", tuple(STATES)
    state = STATES.get(_plain(value, wanted).lower())
    if state is None:
        raise refused(value, wanted, words)
    return state(seen_from)


_IN_ORDER: Final = frozenset({"priority"})
_DUES: Final = frozenset(DueIn) - {DueIn.TODAY, DueIn.NONE}
"""Groups of due dates that are words; `today` is the whole day here, what was due this morning included."""
NAMES: Final[Mapping[str, Name]] = {
    **{
        name: name_of(name, FIELDS[name])
        for name in ("status_category", "priority", "completed", "created", "start", "estimate", "number")
    },
    **{name: name_of(name, FIELDS[name]) for name in ("title", "description")},
    "status": Name(_status),
    "category": name_of("status_category", FIELDS["status_category"]),
    "assignee": Name(partial(_person, "assignee", "assignee_name"), Clause("assignee", Operator.EMPTY)),
    "creator": Name(partial(_person, "creator", "creator_name")),
    "label": Name(partial(_marked, "label"), Clause("label", Operator.EMPTY)),
    "milestone": Name(partial(_marked, "milestone"), Clause("milestone", Operator.EMPTY)),
    "cycle": Name(_cycle, Clause("cycle", Operator.EMPTY)),
    "due": Name(_due, Clause("due", Operator.EMPTY)),
    "updated": name_of("changed", FIELDS["changed"]),
    "parent": Name(_parent, Clause("parent", Operator.EMPTY)),
    "key": Name(_key),
    "project": Name(_project),
    "is": Name(_is),
}
