"""A change as whoever takes it back reads it, and whether things are still as it left them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from taskapi.changes.reverting.errors import UnlikeThen
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.resources.document import Fields

# They say that there was a write, and differ after each.
_BOOKKEEPING: Final = frozenset({"updated_at", "version"})
# By key: a change of one of them has nothing to do with the others.
_MERGED: Final = frozenset({"fields", "defaults"})


@dataclass(frozen=True, slots=True)
class Change:
    """`together` are all changes of the batch that is taken back, this one among them; empty where it is alone."""

    id: UUID
    kind: ChangeKind
    seq: int
    project_id: UUID
    subject_type: str
    subject_id: UUID
    batch_id: UUID | None
    changes: dict[str, tuple[Any, Any]]
    together: Collection["Change"] = field(default=(), repr=False, compare=False)

    @property
    def before(self) -> dict[str, Any]:
        return {name: pair[0] for name, pair in self.changes.items()}

    @property
    def after(self) -> dict[str, Any]:
        return {name: pair[1] for name, pair in self.changes.items()}

    def wanted(self, names: Iterable[str]) -> dict[str, Any]:
        """What these fields were, as a merge patch that makes them so."""
        return {name: self._merged(name) for name in names if name in self.changes}

    def _merged(self, name: str) -> Any:  # noqa: ANN401
        before, after = self.changes[name]
        if name not in _MERGED:
            return before
        return {key: (before or {}).get(key) for key in _touched(before, after)}

    def require_as_left(self, now: Fields, *, but: Collection[str] = ()) -> None:
        """Stop where something that the change touched is not as it left it; `now` may lack what nobody shows."""
        unlike = [
            name
            for name, (before, after) in self.changes.items()
            if name in now and name not in _BOOKKEEPING and name not in but and _differs(name, before, after, now[name])
        ]
        if unlike:
            raise UnlikeThen(*unlike)


def _differs(name: str, before: Any, after: Any, now: Any) -> bool:  # noqa: ANN401
    if name not in _MERGED:
        return bool(now != after)
    return any((now or {}).get(key) != (after or {}).get(key) for key in _touched(before, after))


def _touched(before: Fields | None, after: Fields | None) -> list[str]:
    before, after = before or {}, after or {}
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
