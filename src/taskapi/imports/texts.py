"""Texts of files as tasks can hold them: a title in one line, and nothing that the database or a reader cannot take."""

import re
from typing import Final

MAX_TITLE: Final = 500
MAX_PROSE: Final = 100_000
MAX_NAME: Final = 200
_NOT_IN_A_LINE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NEVER: Final = re.compile("[\0\ud800-\udfff]")
_SEEN: Final = re.compile(r"[^\W_]|[^\w\s\u200b-\u200f\u2060\ufeff\u00ad]")


def why_not_taken(text: str) -> str | None:
    """A NUL, which PostgreSQL stores nowhere, or what stands for bytes that are no text; None: neither."""
    if text.isascii():
        return "holds a NUL" if "\0" in text else None
    found = _NEVER.search(text)
    if found is None:
        return None
    return "holds a NUL" if found[0] == "\0" else "holds bytes that are no text in the encoding of the file"


def line(text: str) -> str:
    """Without line ends and other controls; empty where nothing of it could be seen."""
    if text.isascii() and text.isprintable():
        return text.strip()
    found = _NOT_IN_A_LINE.sub(" ", text).strip()
    return found if _SEEN.search(found) else ""


def name(text: str) -> str:
    """Of a label, a status or a field, cut to what one may have."""
    return line(text)[:MAX_NAME].strip()


def title_and_prose(title: str, prose: str | None) -> tuple[str, str | None]:
    """A title that is too long is cut, and stands whole at the beginning of the description: nothing is lost."""
    whole = line(title)
    if len(whole) <= MAX_TITLE:
        return whole, prose
    return whole[: MAX_TITLE - 1].rstrip() + "…", f"{whole}\n\n{prose}" if prose else whole
