"""The filter language, read: a text becomes a tree of terms, or a mistake that says at which column, and what would do.

What the names and values in it mean is said elsewhere (`meaning.py`): here is syntax alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias, cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

MAX_TERMS: Final = 50
MAX_DEPTH: Final = 10
_WORDS: Final = frozenset({"WORD", "VALUE", "PHRASE"})
_SIGNS: Final = frozenset({"MINUS", "NOT"})
_OPENING: Final = {"LPAR": 1, "RPAR": -1}
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class Mistake(ValueError):
    """What is wrong with a filter, for whoever wrote it; it repeats nothing of what they wrote."""

    def __init__(self, column: int, detail: str) -> None:
        super().__init__(detail)
        self.column = column
        """Of the character it begins at, from 1."""
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    column: int
    comparison: str = ""
    """`<`, `<=`, `>`, `>=`, `=`; empty where none was written."""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """`name:value,value`: one of the values fits."""

    name: str
    column: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    part: "Expression"


Expression: TypeAlias = Term | Value | All | Either | Negated
"""A Value by itself is a word or a phrase of the task."""


@lru_cache(512)
def read(text: str) -> Expression:
    """The expression, or Mistake. An empty one has no parts: `All(())`."""
    try:
        return _parsed(text)
    except UnexpectedCharacters as error:
        raise _unreadable(text, cast("int", error.pos_in_stream), frozenset(error.allowed)) from None
    except UnexpectedToken as error:
        at = len(text) if error.token.type == "$END" else cast("int", error.token.start_pos)
        raise _unreadable(text, at, frozenset(error.expected)) from None


def _parsed(text: str) -> Expression:
    """Token by token, so that whoever writes thousands of them is told so at the first that is too many."""
    parser = _PARSER.parse_interactive(text)
    words = opened = signs = 0
    for token in parser.iter_parse():
        words += token.type in _WORDS
        opened += _OPENING.get(token.type, 0)
        signs = signs + 1 if token.type in _SIGNS else 0
        if words > MAX_TERMS:
            raise Mistake(_column(token), f"A filter has at most {MAX_TERMS} words and values; this one has more")
        if opened + signs > MAX_DEPTH:
            raise _too_deep(token)
    # The transformer makes each rule an expression while it is parsed; lark's types know of trees alone.
    return cast("Expression", parser.feed_eof())  # type: ignore[no-untyped-call]


def names_in(expression: Expression) -> frozenset[str]:
    """The fields that it speaks of, for whoever has to look up what is known of some."""
    return frozenset(name for _, name in _places(expression) if name)


def _places(expression: Expression) -> Iterator[tuple[int, str]]:
    """The column of each word and value, with the name of its field."""
    match expression:
        case Value():
            yield expression.column, ""
        case Term(name, _, values):
            yield from ((value.column, name) for value in values)
        case All(parts) | Either(parts):
            for part in parts:
                yield from _places(part)
        case Negated(part):
            yield from _places(part)


@dataclass(frozen=True, slots=True)
class _Built:
    """While it grows, an expression knows how deep it is, so that none is ever deeper than may be walked."""

    expression: Expression
    depth: int = 0

    def inside(self, token: Token) -> int:
        if self.depth >= MAX_DEPTH:
            raise _too_deep(token)
        return self.depth + 1


@v_args(inline=True)
class _Building(Transformer[Token, Expression]):
    """Called for each rule as soon as it is complete, from the inside out."""

    def start(self, built: _Built | None = None) -> Expression:
        return built.expression if built else All(())

    def either(self, *parts: _Built | Token) -> _Built:
        return _joined(Either, parts)

    def all(self, *parts: _Built | Token) -> _Built:
        return _joined(All, parts)

    def negated(self, sign: Token, part: _Built) -> _Built:
        return _Built(Negated(part.expression), part.inside(sign))

    def grouped(self, opening: Token, part: _Built, _closing: Token) -> _Built:
        return _Built(part.expression, part.inside(opening))

    def term(self, name: Token, *values: Value | Token) -> _Built:
        said = tuple(value for value in values if isinstance(value, Value))
        return _Built(Term(name.removesuffix(":").lower(), _column(name), said))

    def value(self, *tokens: Token) -> Value:
        *comparison, text = tokens
        return _value(text, str(comparison[0]) if comparison else "", _column(tokens[0]))

    def word(self, token: Token) -> _Built:
        return _Built(_value(token, "", _column(token)))


def _joined(kind: type[All | Either], parts: tuple[_Built | Token, ...]) -> _Built:
    built = [part for part in parts if isinstance(part, _Built)]
    if len(built) == 1:
        return built[0]
    return _Built(kind(tuple(part.expression for part in built)), max(part.depth for part in built))


def _value(token: Token, comparison: str, column: int) -> Value:
    if token.type == "PHRASE":
        return Value(_ESCAPED.sub(r"\1", token[1:-1]), column, comparison, quoted=True)
    return Value(str(token), column, comparison)


def _column(token: Token) -> int:
    return cast("int", token.start_pos) + 1


def _too_deep(token: Token) -> Mistake:
    return Mistake(_column(token), f"Parentheses and negations stand at most {MAX_DEPTH} deep in each other")


_PARSER: Final = Lark.open("grammar.lark", rel_to=__file__, parser="lalr", transformer=_Building())

_TERM: Final = "a word, a quoted phrase, or a field with its value, such as status:todo,"


def _unreadable(text: str, at: int, expected: frozenset[str]) -> Mistake:
    """`expected` are the grammar's names of what could stand there; people are told in words."""
    if text[at : at + 1] == '"':
        return Mistake(at + 1, 'This quote is never closed; a quote inside of a phrase is written \\"')
    if text[at : at + 1] == ")" and "$END" in expected:
        return Mistake(at + 1, "This parenthesis closes none that was opened")
    if "VALUE" in expected:
        wanted = "a value, such as todo, <2026-12-01 or a quoted phrase,"
    elif "WORD" in expected:
        wanted = _TERM
    else:
        wanted = "a closing parenthesis"
    found = "The filter ends where" if at >= len(text.rstrip()) else "Here"
    return Mistake(at + 1, f"{found} {wanted} was expected")


def _warm_up() -> None:
    """lark compiles its lexers when a text first needs them; no request shall wait for that."""
    for text in ('(NOT a:<b,"c" OR -d AND e) f', "(a", "a)", "a:(", '"'):
        try:
            read(text)
        except Mistake:
            continue


_warm_up()
