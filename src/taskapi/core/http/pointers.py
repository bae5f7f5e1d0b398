"""JSON pointers (RFC 6901) to what is wrong in a request."""

from collections.abc import Sequence
from typing import Final

# A name that somebody made up stands in the answer, in logs and on screens: long enough to be found in what was sent.
_LONGEST: Final = 64


def pointer(path: Sequence[int | str]) -> str:
    return "".join("/" + _shown(str(part)).replace("~", "~0").replace("/", "~1") for part in path)


def _shown(name: str) -> str:
    cut = name[:_LONGEST]
    return cut if cut.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)
