"""What the names of a file mean in a project, as far as that is known; nothing here looks anything up."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from taskapi.imports import values
from taskapi.imports.records import ImportedPerson
from taskapi.models import StatusCategory
from taskapi.projects.fields.values import Definition, Definitions

ASSIGNEE_FIELD: Final = "Imported assignee"
CREATOR_FIELD: Final = "Imported creator"
"""Where people stand by name whom the project does not know."""
_MEANING: Final = (
    (StatusCategory.CANCELLED, r"cancel|won'?t|wont|reject|abandon|duplicate|invalid|obsolete|declined"),
    (StatusCategory.DONE, r"\bdone\b|closed?\b|resolved|complete|fixed|finished|released|shipped|deployed|verified"),
    (StatusCategory.STARTED, r"progress|doing|review|test|started|active|develop|\bqa\b|patch|implement|waiting|block"),
    (StatusCategory.BACKLOG, r"backlog|icebox|someday|ideas?\b|later|triage"),
)
_NO_KEY: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class KnownStatus:
    key: str
    category: str


@dataclass(slots=True)
class Known:
    """By the folded name."""

    statuses: dict[str, KnownStatus] = field(default_factory=dict)
    starts_in: KnownStatus | None = None
    ends_in: KnownStatus | None = None
    labels: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    definitions: Definitions = field(default_factory=dict)
    field_keys: dict[str, str] = field(default_factory=dict)

    def status(self, name: str | None) -> KnownStatus | None:
        return self.statuses.get(folded(name)) if name else None

    def person(self, person: ImportedPerson | None) -> UUID | None:
        """By the address first, then by the name."""
        if person is None:
            return None
        by_address = self.people.get(folded(person.email)) if person.email else None
        return by_address or (self.people.get(folded(person.name)) if person.name else None)

    def definition(self, name: str) -> Definition | None:
        key = self.field_keys.get(folded(name))
        return self.definitions[key] if key is not None else None


def folded(name: str) -> str:
    """As PostgreSQL's lower() has it, so that both find the same."""
    return name.strip().lower()


def meaning_of(status: str) -> StatusCategory:
    """What a status means, judged by what people call it; unstarted, where the name says nothing."""
    name = status.casefold()
    return next((category for category, words in _MEANING if re.search(words, name)), StatusCategory.UNSTARTED)


def key_from(name: str, taken: Collection[str], *, longest: int, joint: str, fallback: str) -> str:
    """A key made of a name, which nothing else has."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode().lower()
    stem = _NO_KEY.sub(joint, plain).strip(joint)
    if not stem or not stem[0].isalpha():
        stem = f"{fallback}{joint}{stem}".strip(joint)
    stem = stem[: longest - 4].strip(joint)
    candidates = (stem if number == 1 else f"{stem}{joint}{number}" for number in range(1, len(taken) + 2))
    return next(key for key in candidates if key not in taken)


def shown(person: ImportedPerson) -> str:
    return " ".join(part for part in (person.name, f"<{person.email}>" if person.email else None) if part) or (
        person.external_id or "somebody"
    )


def kept_as_text(people: Sequence[ImportedPerson], known: Known) -> str:
    """Those whom the project does not know."""
    return ", ".join(shown(person) for person in people if known.person(person) is None)


def names_of(definitions: Mapping[str, Definition]) -> dict[str, str]:
    """Keys of custom fields, by key and by name; a key goes before a name."""
    by_name = {folded(definition.name): key for key, definition in reversed(list(definitions.items()))}
    return by_name | {key: key for key in definitions}


def people_of(said: object) -> list[ImportedPerson]:
    """Whom one side of a change names, however a reader says it."""
    if said is None or said == "":
        return []
    if isinstance(said, ImportedPerson):
        return [said]
    if isinstance(said, str):
        return list(values.people(said))
    return [person for one in said for person in people_of(one)] if isinstance(said, Sequence) else []


def labels_of(said: object) -> list[str]:
    if isinstance(said, str):
        return values.labels(said)
    return [str(one) for one in said] if isinstance(said, Sequence) else []
