"""Jira's wiki markup as Markdown: headings, lists, tables, code, quotes, links and emphasis; the rest stays as it is.

Every pattern stops at the first sign that ends it, so that a text is read in a time that grows with its length alone.
"""

import re
from collections.abc import Iterator
from typing import Final

from taskapi.imports.markup.writing import fenced, quoted, table_row, table_rule

_VERBATIM: Final = re.compile(r"\{(code|noformat)(?::([^}\n]{0,200}))?\}")
_HEADING: Final = re.compile(r"\s*h([1-6])\.\s+(.*)")
_ITEM: Final = re.compile(r"\s*([*#]{1,10}|-)\s+(\S.*)")
_QUOTE: Final = re.compile(r"\s*bq\.\s+(.*)")
_RULE: Final = re.compile(r"\s*-{4,5}\s*")
_BOX: Final = re.compile(r"\{(quote|panel|info|note|tip|warning)(?::([^}\n]{0,200}))?\}")
_TITLE: Final = re.compile(r"(?:^|\|)title=([^|]+)")
_NO_TEXT: Final = re.compile(r"\{(?:color|anchor|toc)(?::[^}\n]{0,100})?\}")
_INLINE: Final = re.compile(
    r"\{\{(?P<mono>[^{}\n]+)\}\}"
    r"|\[(?P<link>[^\[\]\n]+)\]"
    r"|(?<!\w)!(?P<image>[^!\s|]+\.[^!\s|]+)(?:\|[^!\n]{0,200})?!"
    r"|(?P<url>https?://[^\s|\]>]+)"
    r"|(?<![\w*\\])\*(?=\S)(?P<strong>[^*\n]+)(?<=\S)\*(?![\w*])"
    r"|(?<![\w_\\])_(?=\S)(?P<emphasis>[^_\n]+)(?<=\S)_(?![\w_])"
    r"|(?<![\w\\-])-(?=[^\s-])(?P<gone>[^-\n]+)(?<=\S)-(?![\w-])"
    r"|(?<![\w+\\])\+(?=\S)(?P<added>[^+\n]+)(?<=\S)\+(?![\w+])"
    r"|\?\?(?P<cited>[^?\n]+)\?\?"
)
_AROUND: Final = {"strong": "**", "emphasis": "*", "cited": "*", "gone": "~~", "added": ""}
_SCHEME: Final = re.compile(r"(?:https?|mailto|ftp):", re.IGNORECASE)
_CELL_BORDER: Final = re.compile(r"\|\|?")


def to_markdown(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_parts(text)).strip("\n")


def _parts(text: str) -> Iterator[str]:
    """What is verbatim, and what is between."""
    marks = list(_VERBATIM.finditer(text))
    last = {mark[1]: place for place, mark in enumerate(marks)}
    start = place = 0
    while place < len(marks):
        mark = marks[place]
        if last[mark[1]] == place:  # nothing closes it
            place += 1
            continue
        end = next(later for later in range(place + 1, len(marks)) if marks[later][1] == mark[1])
        yield _prose(text[start : mark.start()])
        yield _verbatim(text[mark.end() : marks[end].start()], mark[2] or "")
        start, place = marks[end].end(), end + 1
    yield _prose(text[start:])


def _verbatim(code: str, parameters: str) -> str:
    if "\n" not in code and "`" not in code and not parameters:
        return f"`{code}`" if code.strip() else ""
    language = next((word for word in parameters.split("|") if word and "=" not in word), "")
    return f"\n{fenced(code, language.split(':')[0])}\n"


def _prose(text: str) -> str:
    if not text:
        return ""
    written: list[str] = []
    boxed = in_table = False
    for whole in _NO_TEXT.sub("", text).split("\n"):
        line, boxes = _without_boxes(whole)
        was_boxed = boxed
        boxed ^= len(boxes) % 2 == 1
        is_row = line.lstrip().startswith("|")
        found = _row(line, is_first=not in_table) if is_row else [] if boxes and not line.strip() else _line(line)
        if is_row and not in_table and written and written[-1].strip():
            written.append("")
        in_table = is_row
        written += [f"> **{title}**" for title in boxes if title]
        within = was_boxed or boxed or bool(boxes)
        written += [quoted(part) for part in found] if within and any(found) else found
        if boxes and not boxed:
            written.append("")
    return "\n".join(written)


def _without_boxes(line: str) -> tuple[str, list[str]]:
    """The line without the marks of boxes, and the titles that each gives."""
    titles = []
    for mark in _BOX.finditer(line):
        title = _TITLE.search(mark[2] or "")
        titles.append(title[1].strip() if title else "")
    return (_BOX.sub("", line) if titles else line), titles


def _line(line: str) -> list[str]:
    if found := _HEADING.fullmatch(line):
        return [f"{'#' * int(found[1])} {_inline(found[2])}"]
    if found := _ITEM.fullmatch(line):
        marks = found[1]
        return [f"{'    ' * (len(marks) - 1)}{'1.' if marks[-1] == '#' else '-'} {_inline(found[2])}"]
    if found := _QUOTE.fullmatch(line):
        return [f"> {_inline(found[1])}", ""]
    if _RULE.fullmatch(line):
        return ["", "---", ""]
    return [_inline(line).replace("\\\\", "  \n")]


def _row(line: str, *, is_first: bool) -> list[str]:
    """A row of a table; Markdown has no table without a head."""
    is_head = line.lstrip().startswith("||")
    # Bars within links and verbatim words are no borders.
    inline = _INLINE.sub(lambda found: _converted(found).replace("|", "\0"), line.strip())
    cells = [cell.strip().replace("\0", "\\|") for cell in _CELL_BORDER.split(inline.strip("|"))]
    row = table_row(cells)
    if not is_first:
        return [row]
    return [row, table_rule(len(cells))] if is_head else [table_row([""] * len(cells)), table_rule(len(cells)), row]


def _inline(text: str) -> str:
    return _INLINE.sub(_converted, text)


def _converted(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    inner = found[kind]
    if kind in _AROUND:
        return f"{_AROUND[kind]}{_inline(inner)}{_AROUND[kind]}"
    match kind:
        case "mono":
            return f"`{inner}`"
        case "link":
            return _link(inner)
        case "image":
            return f"![]({inner})" if _SCHEME.match(inner) else f"`{inner}`"
        case _:
            return found[0]


def _link(inner: str) -> str:
    if inner.startswith("~"):
        return f"@{inner[1:].removeprefix('accountid:')}"
    if inner.startswith("^"):
        return f"`{inner[1:]}`"
    text, bar, address = inner.partition("|")
    address = address.split("|")[0].strip()
    if bar and (_SCHEME.match(address) or address.startswith("/")):
        return f"[{_inline(text)}]({address.replace(' ', '%20').replace(')', '%29')})"
    if _SCHEME.match(inner) and " " not in inner:
        return f"<{inner}>"
    return f"[{inner}]"
