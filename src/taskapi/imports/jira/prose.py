"""A text of Jira, in its wiki markup or as a document of Jira Cloud, as Markdown."""

from typing import Final

from taskapi.imports.markup import adf, wiki
from taskapi.imports.objects import Object

# What nobody writes by hand is left as it is.
_LONGEST_MARKUP: Final = 200_000


def of_wiki(text: str) -> str:
    return wiki.to_markdown(text) if len(text) <= _LONGEST_MARKUP else text


def read(found: Object, name: str) -> str | None:
    value = found.said.get(name)
    if isinstance(value, dict):
        return found.clean(name, adf.to_markdown(value)) or None
    text = found.text(name)
    return of_wiki(text) or None if text else None
