"""Who is who in Jira: accounts in fields, and accounts, logins or bare names in the history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from taskapi.imports import texts
from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedPerson

_MOST: Final = 50_000


@dataclass(slots=True)
class People:
    """Each person once, so that who is assigned now is the same as who was assigned in the history."""

    by_id: dict[str, ImportedPerson] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """By the name that the history calls them by."""

    def of(self, account: Object | None) -> ImportedPerson | None:
        if account is None:
            return None
        id_ = account.id("accountId") or account.id("key") or account.id("name")
        name = account.text("displayName") or account.text("name")
        return self._known(id_, name, account.text("emailAddress"))

    def named(self, id_: str | None, name: str | None) -> ImportedPerson | None:
        """As an item of the history has them."""
        if id_ is None and name is not None and name in self.ids:
            id_ = name = self.ids[name]
        return self._known(id_, name, None)

    def learn(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Whose login a bare name is: that of who is assigned now, where the history tells by name whom it was last."""
        for line in lines:
            login, name = line.get("assignee"), _last_assigned(line)
            if not isinstance(login, str) or not name or texts.why_not_taken(login + name):
                continue
            if len(self.ids) < _MOST:
                self.ids.setdefault(name, login)
                self.by_id.setdefault(login, ImportedPerson(login, None, login))

    def _known(self, id_: str | None, name: str | None, email: str | None) -> ImportedPerson | None:
        if id_ is None:
            return ImportedPerson(name, email, None) if name or email else None
        if id_ in self.by_id:
            return self.by_id[id_]
        person = ImportedPerson(name, email, id_)
        if len(self.by_id) < _MOST:
            self.by_id[id_] = person
        return person


def _last_assigned(line: Mapping[str, Any]) -> str | None:
    """Whatever the line holds: that it is no issue is told of when it is read."""
    changes = line.get("changes")
    found: tuple[str, str] | None = None
    for change in changes if isinstance(changes, list) else ():
        items = change.get("items") if isinstance(change, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and item.get("field") == "assignee":
                at, to = str(change.get("at")), item.get("to")
                if found is None or at >= found[0]:
                    found = at, to if isinstance(to, str) else ""
    return found[1] or None if found else None
