"""Markdown: texts as HTML that is safe to show, and the names that a text mentions.

CommonMark with tables and strikethrough. HTML in a text is text. What the parser makes passes a list of elements and
attributes that may stay, so that a mistake of the parser's is none of ours: no script, style, handler or form, and no
address but http, https and mailto (OWASP, Cross Site Scripting Prevention: output encoding and HTML sanitization).

Parsing takes 2 ms a kilobyte, and ten times that for a text written to be slow. So all but short texts are parsed by a
thread of their own, one at a time in a process, and nobody renders more than a certain amount at once.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import nh3
from markdown_it import MarkdownIt
from pydantic_core import from_json, to_json

from taskapi.core.fair_queue import FairQueue

_T = TypeVar("_T")
MOST_AT_ONCE: Final = 128 * 1024
"""So many characters are rendered for one request; texts beyond that come without HTML."""
MAX_MENTIONS: Final = 50
_IN_PLACE: Final = 1_000
_QUEUE_SECONDS: Final = 5.0

_PARSER: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
# Its text tokens stay apart where something was escaped: `\@maria` names nobody.
_READER: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("text_join")
_ELEMENTS: Final = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a", "img", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: Final = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}, "code": {"class"}}
_SCHEMES: Final = {"http", "https", "mailto"}
_LANGUAGE: Final = re.compile(r"language-[A-Za-z0-9_+#.-]{1,40}")
# A user name, as they are made, that does not begin within a word, an address or another name.
_MENTION: Final = re.compile(
    r"(?<![A-Za-z0-9._%+/@-])@([A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?)(?![A-Za-z0-9@]|[._-]+[A-Za-z0-9@])"
)
_pool: Final = ThreadPoolExecutor(1, thread_name_prefix="markdown")
_queue: Final = FairQueue(1, _QUEUE_SECONDS, "Too much Markdown is being read; try again shortly")


def to_html(text: str) -> str:
    """Safe wherever HTML may stand as the content of an element."""
    return nh3.clean(
        _PARSER.render(text),
        tags=_ELEMENTS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
    )


def _kept(element: str, attribute: str, value: str) -> str | None:
    if element == "code" and attribute == "class":
        return value if _LANGUAGE.fullmatch(value) else None
    return value


def names_in(text: str) -> list[str]:
    """What follows an `@` outside of code, in lower case, each once, the first fifty."""
    if not _MENTION.search(text):
        return []
    names: dict[str, None] = {}
    for block in _READER.parse(text):
        for token in block.children or ():
            if token.type == "text":
                names.update(dict.fromkeys(name.lower() for name in _MENTION.findall(token.content)))
    return list(names)[:MAX_MENTIONS]


async def mentioned(text: str) -> list[str]:
    """`names_in`, without holding anybody up; a text without a name waits for nobody."""
    if "@" not in text or not _MENTION.search(text):
        return []
    return await _aside(len(text), names_in, text)


async def with_html(documents: Sequence[str], source: str, name: str) -> list[str]:
    """JSON objects, each with one member more: the Markdown of `source` as HTML, null where there is none.

    Hold no connection meanwhile. Null is also what the last ones get where the texts are more than MOST_AT_ONCE.
    """
    texts = [from_json(document)[source] for document in documents]
    size = sum(len(text or "") for text in texts)
    rendered = await _aside(size, _within_bounds, texts)
    return [
        f'{document[:-1]},"{name}":{to_json(html).decode()}}}'
        for document, html in zip(documents, rendered, strict=True)
    ]


def _within_bounds(texts: Sequence[str | None]) -> list[str | None]:
    rendered: list[str | None] = []
    left = MOST_AT_ONCE
    for text in texts:
        left -= len(text or "")
        rendered.append(to_html(text) if text is not None and left >= 0 else None)
    return rendered


async def _aside(size: int, work: Callable[..., _T], *arguments: Any) -> _T:  # noqa: ANN401
    if size <= _IN_PLACE:
        return work(*arguments)
    async with _queue.place():
        return await asyncio.get_running_loop().run_in_executor(_pool, work, *arguments)
