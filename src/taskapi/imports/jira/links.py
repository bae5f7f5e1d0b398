"""How two issues of Jira are linked, as links of ours: by the words of the link, else by the name of its type."""

from collections.abc import Iterator
from typing import Final

from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedLink

_WORDS: Final = {
    "blocks": "blocks",
    "is blocked by": "blocked_by",
    "is depended upon by": "blocks",
    "is depended on by": "blocks",
    "depends upon": "blocked_by",
    "depends on": "blocked_by",
    "is required by": "blocks",
    "requires": "blocked_by",
    "duplicates": "duplicates",
    "is duplicated by": "duplicated_by",
}
# What the outward end says; the inward end says the reverse.
_TYPES: Final = {
    "blocks": "blocks",
    "blocker": "blocks",
    "dependent": "blocked_by",
    "depends": "blocked_by",
    "required": "blocked_by",
    "duplicate": "duplicates",
}
_REVERSED: Final = {
    "blocks": "blocked_by",
    "blocked_by": "blocks",
    "duplicates": "duplicated_by",
    "duplicated_by": "duplicates",
}
_OTHER: Final = "relates_to"


def read(fields: Object, own_key: str | None) -> list[ImportedLink]:
    """Each once: two types of theirs may be one of ours."""
    found = (link for each in fields.parts("issuelinks") for link in _ends(each))
    return [link for link in dict.fromkeys(found) if link.external_id != own_key]


def _ends(link: Object) -> Iterator[ImportedLink]:
    type_ = link.part("type")
    for end, words in (("outwardIssue", "outward"), ("inwardIssue", "inward")):
        other = link.part(end)
        key = other.id("key") if other else None
        if key is not None:
            yield ImportedLink(_kind(type_, words), key)


def _kind(type_: Object | None, words: str) -> str:
    if type_ is None:
        return _OTHER
    if said := _WORDS.get((type_.text(words) or "").casefold()):
        return said
    kind = _TYPES.get((type_.text("name") or "").casefold(), _OTHER)
    return kind if words == "outward" else _REVERSED.get(kind, kind)
