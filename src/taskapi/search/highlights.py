"""Where the words stand in a text: pieces of it, safe as HTML, with the words in <mark>.

PostgreSQL says which words of a document were found, folded as its index has them. Here they are looked for in the text
as it was written, and a word counts when it or a part of it (`Http` of `HttpServer`) folds to one of them.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from html import escape
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
# As the index cuts them: scripts without blanks sign by sign, and the parts of mixed words.
_SIGN: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
_SEAM: Final = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_LETTERS: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ð": "d", "ı": "i", "ħ": "h", "ŧ": "t", "ς": "σ", "æ": "ae", "œ": "oe"}  # noqa: RUF001
)
_SEARCHED: Final = 20_000
_FRAGMENTS: Final = 3
_BEFORE: Final = 60
_BEHIND: Final = 120
_LONGEST_WORD: Final = 100
Span = tuple[int, int]


def whole(text: str, words: Collection[str]) -> list[str]:
    """A title: all of it, where one of the words stands in it."""
    found = list(_found(text, words))
    return [_marked(text, 0, len(text), found)] if found else []


def pieces(text: str, words: Collection[str]) -> list[str]:
    """A long text: the first places where words stand, with what is around them."""
    text = text[:_SEARCHED]
    fragments: list[str] = []
    held: list[Span] = []
    at = 0  # where the next piece may begin
    for span in _found(text, words):
        if held and span[1] > held[0][0] + _BEHIND:
            fragment, at = _piece(text, at, held)
            fragments.append(fragment)
            held = []
            if len(fragments) == _FRAGMENTS:
                return fragments
        held.append(span)
    return [*fragments, _piece(text, at, held)[0]] if held else fragments


def _piece(text: str, earliest: int, spans: Sequence[Span]) -> tuple[str, int]:
    """The piece, and where it ends. It begins and ends between words where a blank is near."""
    begin = max(spans[0][0] - _BEFORE, earliest)
    if begin > earliest:
        begin = text.find(" ", begin, spans[0][0]) + 1 or begin
    end = min(max(spans[0][0] + _BEHIND, spans[-1][1]), len(text))
    if end < len(text):
        blank = text.rfind(" ", spans[-1][1], end)
        end = blank if blank >= 0 else end
    cut_before, cut_behind = "…" if begin else "", "…" if end < len(text) else ""
    return f"{cut_before}{_marked(text, begin, end, spans)}{cut_behind}", end


def _marked(text: str, begin: int, end: int, spans: Sequence[Span]) -> str:
    parts, at = [], begin
    for first, last in spans:
        parts += [escape(text[at:first]), "<mark>", escape(text[first:last]), "</mark>"]
        at = last
    return "".join([*parts, escape(text[at:end])])


def _found(text: str, words: Collection[str]) -> Iterator[Span]:
    pairs = {word for word in words if len(word) == 2 and _SIGN.match(word)}  # noqa: PLR2004 - a pair
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii():
            is_found = word.lower()[:_LONGEST_WORD] in words or _has_part(word, words)
        elif _SIGN.search(word):
            yield from _found_signs(word, match.start(), pairs or words)
            continue
        else:
            is_found = any(part in words or _has_part(part, words) for part in _WORD.findall(folded(word)))
        if is_found:
            yield match.span()


def _has_part(word: str, words: Collection[str]) -> bool:
    if len(word) > _LONGEST_WORD or word.islower():
        return False
    parts = _SEAM.split(word)
    return len(parts) > 1 and any(part.lower() in words for part in parts)


def _found_signs(word: str, start: int, words: Collection[str]) -> Iterator[Span]:
    """The pairs that were found, those that hang together as one; what is no sign is a word between signs."""
    begin = end = -1
    for at in range(len(word)):
        size = next((size for size in (2, 1) if word[at : at + size] in words), 0)
        if not size:
            continue
        if at > end:
            if end > begin:
                yield start + begin, start + end
            begin = at
        end = max(end, at + size)
    if end > begin:
        yield start + begin, start + end


def folded(text: str) -> str:
    """Lower case without accents, as the index has it."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain).replace("ß", "ss").lower().translate(_LETTERS)
