"""How Markdown is written: fences that hold whatever code, quotes, and rows of tables."""

import re
from collections.abc import Sequence
from typing import Final

_TICKS: Final = re.compile("`+")
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9_+#.-]{1,40}")


def fenced(code: str, language: str = "") -> str:
    fence = "`" * max(3, 1 + max((len(ticks[0]) for ticks in _TICKS.finditer(code)), default=0))
    name = language if _LANGUAGE.fullmatch(language) else ""
    return f"{fence}{name}\n{code.strip(chr(10))}\n{fence}"


def inline_code(code: str) -> str:
    ticks = "`" * (1 + max((len(found[0]) for found in _TICKS.finditer(code)), default=0))
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{space}{code}{space}{ticks}"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def indented(text: str, by: int) -> str:
    """All lines but the first, as what belongs to an item of a list."""
    return text.replace("\n", "\n" + " " * by)


def link(text: str, address: str) -> str:
    target = address.strip().replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("\n", "")
    shown = text.strip().replace("[", "\\[").replace("]", "\\]").replace("\n", " ")
    return f"[{shown or target}]({target})"


def table_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("\n", " ") for cell in cells) + " |"


def table_rule(width: int) -> str:
    return table_row(["---"] * width)
