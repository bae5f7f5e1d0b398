"""Atlassian's document format, the JSON in which Jira Cloud keeps its texts, as Markdown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from taskapi.imports.markup.writing import fenced, indented, inline_code, link, quoted, table_row, table_rule

_DEEPEST: Final = 30
_LEVELS: Final = 6
_BLOCKS: Final = frozenset(
    (
        *("paragraph", "heading", "bulletList", "orderedList", "codeBlock", "blockquote", "rule", "panel", "table"),
        *("mediaSingle", "mediaGroup", "taskList", "decisionList", "expand", "nestedExpand", "blockCard", "embedCard"),
    )
)
_AROUND: Final = {"strong": "**", "em": "*", "strike": "~~"}


def to_markdown(document: Mapping[str, Any]) -> str:
    return _blocks(_children(document), 0).strip("\n")


def _blocks(nodes: Sequence[Mapping[str, Any]], depth: int) -> str:
    """Blocks apart by an empty line; what is inline between them is one."""
    if depth > _DEEPEST:
        return _bare(nodes)
    parts: list[str] = []
    inline: list[str] = []
    for node in nodes:
        if _kind(node) in _BLOCKS:
            parts += ["".join(inline), _block(node, depth)]
            inline = []
        else:
            inline.append(_inline(node, depth))
    return "\n\n".join(part for part in [*parts, "".join(inline)] if part.strip())


def _block(node: Mapping[str, Any], depth: int) -> str:
    read = _READ_BLOCK.get(_kind(node))
    return read(node, depth) if read else _blocks(_children(node), depth + 1)


def _heading(node: Mapping[str, Any], depth: int) -> str:
    level = _attributes(node).get("level")
    signs = "#" * (level if isinstance(level, int) and 1 <= level <= _LEVELS else 1)
    return f"{signs} {_blocks(_children(node), depth + 1)}"


def _bullets(node: Mapping[str, Any], depth: int) -> str:
    return _listed(_children(node), depth, lambda _, __: "-")


def _numbered(node: Mapping[str, Any], depth: int) -> str:
    return _listed(_children(node), depth, lambda place, _: f"{place}.")


def _tasks(node: Mapping[str, Any], depth: int) -> str:
    return _listed(_children(node), depth, lambda _, item: f"- [{'x' if item.get('state') == 'DONE' else ' '}]")


def _code(node: Mapping[str, Any], _: int) -> str:
    return fenced("".join(_text(child) for child in _children(node)), str(_attributes(node).get("language") or ""))


def _quote(node: Mapping[str, Any], depth: int) -> str:
    return quoted(_blocks(_children(node), depth + 1))


def _expand(node: Mapping[str, Any], depth: int) -> str:
    parts = [_strong(_attributes(node).get("title")), _blocks(_children(node), depth + 1)]
    return "\n\n".join(filter(None, parts))


def _listed(items: Sequence[Mapping[str, Any]], depth: int, mark: Callable[[int, Mapping[str, Any]], str]) -> str:
    lines = []
    for place, item in enumerate(items, 1):
        text = _blocks(_children(item), depth + 1).replace("\n\n", "\n")
        lines.append(f"{mark(place, _attributes(item))} {indented(text, 4)}")
    return "\n".join(lines)


def _table(node: Mapping[str, Any], depth: int) -> str:
    rows = _children(node)
    written: list[str] = []
    for row in rows:
        cells = [_blocks(_children(cell), depth + 1).replace("|", "\\|") for cell in _children(row)]
        if not written:
            head = any(_kind(cell) == "tableHeader" for cell in _children(row))
            written += [] if head else [table_row([""] * len(cells)), table_rule(len(cells))]
            written += [table_row(cells), table_rule(len(cells))] if head else [table_row(cells)]
        else:
            written.append(table_row(cells))
    return "\n".join(written)


def _inline(node: Mapping[str, Any], depth: int) -> str:
    read = _READ_INLINE.get(_kind(node))
    return read(node) if read else _blocks(_children(node), depth + 1)


def _named(node: Mapping[str, Any]) -> str:
    attributes = _attributes(node)
    return _text(attributes) or str(attributes.get("shortName") or "")


def _file(node: Mapping[str, Any]) -> str:
    attributes = _attributes(node)
    return inline_code(str(attributes.get("alt") or attributes.get("id") or "file"))


def _marked(node: Mapping[str, Any]) -> str:
    text = _text(node)
    marks = {_kind(mark): mark for mark in _listed_objects(node.get("marks"))}
    if "code" in marks:
        text = inline_code(text)
    bare = text.strip()
    if bare:
        for kind, sign in _AROUND.items():
            if kind in marks:
                text = text.replace(bare, f"{sign}{bare}{sign}", 1)
                bare = f"{sign}{bare}{sign}"
    address = _attributes(marks.get("link", {})).get("href")
    return link(text, address) if isinstance(address, str) and address else text


def _bare(nodes: Sequence[Mapping[str, Any]]) -> str:
    """The words alone, of what is nested deeper than anybody writes."""
    words, ahead = [], list(reversed(nodes))
    while ahead:
        node = ahead.pop()
        words.append(_text(node))
        ahead += reversed(_children(node))
    return " ".join(filter(None, words))


def _card(node: Mapping[str, Any]) -> str:
    address = _attributes(node).get("url")
    return f"<{address}>" if isinstance(address, str) and address else ""


def _day(node: Mapping[str, Any]) -> str:
    try:
        at = int(str(_attributes(node).get("timestamp"))) / 1000
        return datetime.fromtimestamp(at, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _strong(title: object) -> str:
    return f"**{title}**" if isinstance(title, str) and title.strip() else ""


def _kind(node: Mapping[str, Any]) -> str:
    found = node.get("type")
    return found if isinstance(found, str) else ""


def _text(node: Mapping[str, Any]) -> str:
    text = node.get("text")
    return text if isinstance(text, str) else ""


def _children(node: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return _listed_objects(node.get("content"))


def _attributes(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found = node.get("attrs")
    return found if isinstance(found, dict) else {}


def _listed_objects(found: object) -> Sequence[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


_READ_BLOCK: Final[Mapping[str, Callable[[Mapping[str, Any], int], str]]] = {
    "heading": _heading,
    "bulletList": _bullets,
    "decisionList": _bullets,
    "orderedList": _numbered,
    "taskList": _tasks,
    "codeBlock": _code,
    "blockquote": _quote,
    "panel": _quote,
    "expand": _expand,
    "nestedExpand": _expand,
    "rule": lambda _, __: "---",
    "table": _table,
    "blockCard": lambda node, _: _card(node),
    "embedCard": lambda node, _: _card(node),
}
_READ_INLINE: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "text": _marked,
    "hardBreak": lambda _: "  \n",
    "mention": _named,
    "emoji": _named,
    "status": _named,
    "inlineCard": _card,
    "media": _file,
    "date": _day,
}
