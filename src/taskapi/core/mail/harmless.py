"""What people wrote, as a mail may show it: a name must not become a link, end the subject, or fill the page.

Anybody can register as `www.example.com` and have us write to somebody. Mail programs make links of plain text, each
by rules of its own; all of them need a dot, a colon, an at sign or slashes with something right behind it.
"""

import re
import unicodedata
from typing import Final

_LONGEST: Final = 80
# Full stops of other scripts stand between the labels of a domain just as well (UTS #46), and NFKC leaves one.
_DOTS: Final = str.maketrans({"\u3002": ".", "\\": "/"})
_GLUED: Final = re.compile(r"([.:])(?=\S)")
_SLASHES: Final = re.compile(r"/{2,}")
_BREAKS: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})


def harmless(text: str) -> str:
    """One line of at most 80 characters in which no mail program finds an address of anything.

    `J.R. Tolkien` becomes `J. R. Tolkien`, `http://a.example/x` becomes `http: / a. example/x`.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DOTS)
    seen = "".join(_visible(character) for character in plain)
    apart = _GLUED.sub(r"\1 ", _SLASHES.sub("/ ", seen.replace("@", " (at) ")))
    line = " ".join(apart.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _visible(character: str) -> str:
    """Breaks and spaces of any kind are a blank; marks of order, joiners and what has no meaning are nothing."""
    category = unicodedata.category(character)
    return " " if category in _BREAKS else "" if category.startswith("C") else character
