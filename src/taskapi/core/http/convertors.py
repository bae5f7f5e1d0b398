"""Names in a path that has words beside them: `/rules/{rule_id}` beside `/rules/dry-run`."""

import re
from collections.abc import Iterable

from starlette.convertors import StringConvertor, register_url_convertor


def register_anything_but(words: Iterable[str], called: str) -> None:
    """For `{name:called}`: a word that is no name's would else be told to have the methods of the names."""

    class _Name(StringConvertor):
        regex = f"(?!(?:{'|'.join(map(re.escape, words))})(?:/|$))[^/]+"

    register_url_convertor(called, _Name())
