"""What an expression of the filter language means: the tree of conditions that lists, views and bulk changes go by."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from taskapi.tasks.errors import InvalidFilter
from taskapi.tasks.filters.ast import And, Clause, Filter, Not, Operator, Or
from taskapi.tasks.filters.language import All, Either, Expression, Mistake, Negated, Term, Value, read
from taskapi.tasks.filters.names import NAMES, Name, refused, suggestion
from taskapi.tasks.filters.standpoint import Standpoint

_HAS: Final = "has"
_NO: Final = "no"
_NONE: Final = "none"
_OPERATORS: Final = frozenset({"and", "not", "or"})
_COLON_LESS: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)(?:[<>]=?|!?=)")


def filter_in(text: str, seen_from: Standpoint, pointer: str, names: Mapping[str, Name] = NAMES) -> Filter:
    """The tree, or InvalidFilter at this place of the request.

    `names` are those that every task has, with those of custom fields where the text speaks of some: `names_in` tells.
    """
    try:
        return _meaning(read(text), seen_from, names)
    except Mistake as mistake:
        raise InvalidFilter(pointer, mistake.column, mistake.detail) from None


def _meaning(expression: Expression, seen_from: Standpoint, names: Mapping[str, Name]) -> Filter:
    match expression:
        case Value():
            return _found_by_text([expression], names)
        case Term():
            return _term(expression, seen_from, names)
        case Either(parts):
            return _either(_meaning(part, seen_from, names) for part in parts)
        case Negated(part):
            return Not(_meaning(part, seen_from, names))
        case All(parts):
            words = [part for part in parts if isinstance(part, Value)]
            others = (_meaning(part, seen_from, names) for part in parts if not isinstance(part, Value))
            return And((*others, *([_found_by_text(words, names)] if words else [])))


def _found_by_text(words: Iterable[Value], names: Mapping[str, Name]) -> Filter:
    """Words beside each other are one search, so that those too common to be searched for do not hide the rest."""
    return Clause("text", Operator.MATCHES, (" ".join(_searched(word, names) for word in words),))


def _searched(word: Value, names: Mapping[str, Name]) -> str:
    """As websearch_to_tsquery takes it; what was hardly meant as a word is refused, for it would find nothing."""
    text = word.text.replace('"', " ").strip()
    if not text:
        raise Mistake(word.column, "Expected a word between the quotes")
    if word.quoted:
        return f'"{text}"'
    if text.lower() in _OPERATORS:
        raise Mistake(word.column, f'{text.upper()} is written in capitals; as a word it stands in quotes: "{text}"')
    compared = _COLON_LESS.match(text)
    if compared and (compared[1].lower() in names or compared[1].lower().startswith("field.")):
        detail = "A colon stands between a field and its value, as in priority:>=high; put what is no field into quotes"
        raise Mistake(word.column, detail)
    return text


def _term(term: Term, seen_from: Standpoint, names: Mapping[str, Name]) -> Filter:
    if term.name in {_HAS, _NO}:
        lacks = _either(_lacks(value, names) for value in term.values)
        if term.name == _NO:
            return lacks
        return _either(Not(_lacks(value, names)) for value in term.values)
    name = names.get(term.name)
    if name is None:
        known = (*names, _HAS, _NO)
        hint = suggestion(term.name, known) or f", only {', '.join(sorted(known))}"
        raise Mistake(term.column, f"There is no such field{hint}; put what is no field into quotes")
    return _either(_value(name, value, seen_from) for value in term.values)


def _value(name: Name, value: Value, seen_from: Standpoint) -> Filter:
    if name.empty is not None and value.text.lower() == _NONE and not (value.quoted or value.comparison):
        return name.empty
    return name.read(value, seen_from)


def _lacks(value: Value, names: Mapping[str, Name]) -> Filter:
    fitting = tuple(word for word, name in names.items() if name.empty is not None)
    name = names.get(value.text.lower())
    if name is None or name.empty is None or value.comparison:
        raise refused(value, f"one of {', '.join(sorted(fitting))}", fitting)
    return name.empty


def _either(parts: Iterable[Filter]) -> Filter:
    """Values of one field are one clause, as they are of a parameter: an index takes them together."""
    fields: dict[str, list[object]] = {}
    others = []
    for part in parts:
        if isinstance(part, Clause) and part.operator is Operator.ANY_OF and part.field not in _ONE_AT_A_TIME:
            fields.setdefault(part.field, []).extend(part.values)
        else:
            others.append(part)
    clauses = [Clause(field, Operator.ANY_OF, tuple(dict.fromkeys(values))) for field, values in fields.items()]
    joined = (*clauses, *others)
    return joined[0] if len(joined) == 1 else Or(joined)


_ONE_AT_A_TIME: Final = frozenset({"parent_key"})
"""Its clause takes one value."""
