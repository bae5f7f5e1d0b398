"""Addresses that hold a secret, as a log or a problem may show them."""

import re
from typing import Final

# Also where somebody has mistyped what is before it: no route answers there, but a problem does.
_SECRET: Final = re.compile(r"^(.*?/(?:shared|feeds)/+)[^/]+", re.DOTALL)


def shown(path: str) -> str:
    return _SECRET.sub(r"\1…", path)
