"""HTML of an editor as Markdown: what editors of tasks write, and the words of everything else.

A browser's parser makes it whole first. The standard library's alone would take a minute for 100 KB of `<a<a<a`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final

import nh3

from taskapi.imports.markup.writing import fenced, indented, inline_code, link, table_row, table_rule

LONGEST: Final = 200_000
_IS_HTML: Final = re.compile(r"<(?:p|h[1-6]|ul|ol|div|br|pre|blockquote|table|a|strong|em|code|mention-user)[ />]")
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_HEADINGS: Final = {f"h{level}": "#" * level for level in range(1, 7)}
_BLOCKS: Final = frozenset({"p", "div", "section", "article", "details", "summary", "figure", *_HEADINGS})
_AROUND: Final = {"strong": "**", "b": "**", "em": "*", "i": "*", "s": "~~", "del": "~~", "strike": "~~"}
_ELEMENTS: Final = {
    *(_BLOCKS | _AROUND.keys()),
    *("ul", "ol", "li", "blockquote", "pre", "code", "hr", "br", "a", "img", "mention-user"),
    *("table", "thead", "tbody", "tr", "td", "th"),
}
_ATTRIBUTES: Final = {
    "a": {"href"},
    "img": {"src", "alt"},
    "code": {"class"},
    "li": {"data-checked"},
    "mention-user": {"data-id"},
}
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,20})")
_NEVER_OPEN: Final = frozenset({"p", "br", "hr", "img", "input"})
_DEEPEST: Final = 500
_DEEPEST_LIST: Final = 10


def to_markdown(text: str) -> str:
    """A text without elements, or longer or deeper than anybody writes, is left as it is."""
    if len(text) > LONGEST or not _IS_HTML.search(text) or _depth(text) > _DEEPEST:
        return text
    writer = _Writer()
    writer.feed(nh3.clean(text, tags=_ELEMENTS, attributes=_ATTRIBUTES, link_rel=None))
    writer.close()
    return writer.written()


def _depth(text: str) -> int:
    """At least how deep its elements are in each other: parsing takes a time that grows with its square."""
    open_: Counter[str] = Counter()
    depth = deepest = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if tag[1] and open_[name]:
            open_[name] -= 1
            depth -= 1
        elif not tag[1] and name not in _NEVER_OPEN:
            open_[name] += 1
            depth += 1
            deepest = max(deepest, depth)
    return deepest


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[tuple[str, bool]] = []
        """Each with whether it is an item of a list, after which no empty line stands."""
        self._inline: list[str] = []
        self._lists: list[int | None] = []
        """The numbers of those that one is in; None: without numbers."""
        self._mark = ""
        self._heading = ""
        self._quotes = 0
        self._code: list[str] | None = None
        self._language = ""
        self._links: list[tuple[str, int]] = []
        self._cells: list[str] | None = None
        self._is_first_row = False

    def written(self) -> str:
        self._end_block()
        text = ""
        was_item = False
        for block, is_item in self._blocks:
            text += ("\n" if was_item and is_item else "\n\n") if text else ""
            text += block
            was_item = is_item
        return text.strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _AROUND:
            self._inline.append(_AROUND[tag])
        elif tag in _BLOCKS or tag in {"ul", "ol", "li", "blockquote", "pre", "hr", "table", "tr", "td", "th"}:
            self._start_block(tag, given)
        else:
            self._start_inline(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in _AROUND:
            self._inline.append(_AROUND[tag])
        elif tag == "a" and self._links:
            address, start = self._links.pop()
            shown = "".join(self._inline[start:])
            self._inline[start:] = [link(shown, address) if address.startswith(("http", "mailto:")) else shown]
        elif tag == "code" and self._code is None and self._links and self._links[-1][0] == "\0":
            start = self._links.pop()[1]
            self._inline[start:] = [inline_code("".join(self._inline[start:]))]
        else:
            self._close_block(tag)

    def handle_data(self, data: str) -> None:
        if self._code is not None:
            self._code.append(data)
        else:
            self._inline.append(_SPACES.sub(" ", data))

    def _start_inline(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "br":
            (self._inline if self._code is None else self._code).append("  \n" if self._code is None else "\n")
        elif tag == "a":
            self._links.append((given.get("href", ""), len(self._inline)))
        elif tag == "code":
            if self._code is None:
                self._links.append(("\0", len(self._inline)))
            else:
                self._language = given.get("class", "").removeprefix("language-")
        elif tag == "img" and given.get("src", "").startswith("http"):
            self._inline.append("!" + link(given.get("alt", "image") or "image", given["src"]))
        elif tag == "mention-user":
            self._inline.append(f"@{given.get('data-id', '')}")

    def _start_block(self, tag: str, given: Mapping[str, str]) -> None:
        if tag in {"td", "th"}:
            self._inline = []
            return
        if self._cells is not None and tag != "tr":  # within a cell
            return
        self._end_block()
        self._heading = _HEADINGS.get(tag, "")
        if tag in {"ul", "ol"}:
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._start_item(given)
        elif tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._code, self._language = [], ""
        elif tag == "hr":
            self._blocks.append((self._placed("---"), False))
        elif tag == "table":
            self._is_first_row = True
        elif tag == "tr":
            self._cells = []

    def _start_item(self, given: Mapping[str, str]) -> None:
        number = self._lists[-1] if self._lists else None
        self._mark = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1
        if "data-checked" in given:
            self._mark += "[x] " if given["data-checked"] == "true" else "[ ] "

    def _close_block(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cells is not None:
            self._cells.append("".join(self._inline).strip().replace("|", "\\|"))
            self._inline = []
        elif tag == "tr" and self._cells is not None:
            self._end_row(self._cells)
        elif tag == "pre" and self._code is not None:
            code, self._code = "".join(self._code), None
            self._blocks.append((self._placed(fenced(code, self._language)), False))
        elif self._cells is None and (tag in _BLOCKS or tag in {"ul", "ol", "li", "blockquote", "table"}):
            self._end_block()
            if tag in {"ul", "ol"} and self._lists:
                self._lists.pop()
            elif tag == "blockquote":
                self._quotes = max(0, self._quotes - 1)

    def _end_row(self, cells: list[str]) -> None:
        row = table_row(cells)
        if self._is_first_row:
            row += "\n" + table_rule(len(cells))
        elif self._blocks:
            row = self._blocks.pop()[0] + "\n" + row
        self._is_first_row, self._cells = False, None
        self._blocks.append((row, False))

    def _end_block(self) -> None:
        text = "".join(self._inline).strip(" \n")
        self._inline, self._links = [], []
        if text:
            head, self._heading = (f"{self._heading} " if self._heading else ""), ""
            is_item = bool(self._mark)
            self._blocks.append((self._placed(head + text), is_item))

    def _placed(self, text: str) -> str:
        """Within the lists and quotes where one is."""
        depth = min(len(self._lists), _DEEPEST_LIST)
        mark, self._mark = self._mark, ""
        if depth:
            before = "    " * (depth - 1)
            text = before + (mark + indented(text, 4 * depth) if mark else "    " + indented(text, 4 * depth))
        sign = "> " * min(self._quotes, _DEEPEST_LIST)
        return "\n".join(f"{sign}{line}".rstrip() for line in text.split("\n")) if sign else text
