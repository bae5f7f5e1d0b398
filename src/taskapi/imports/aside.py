"""What hangs on a task and stands elsewhere in its file, laid aside until the task is read: on disk, not in memory."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_TABLE: Final = "CREATE TABLE kept (kind TEXT, owner TEXT, place REAL, line INTEGER, said TEXT)"
_INDEX: Final = "CREATE INDEX IF NOT EXISTS by_owner ON kept (kind, owner, place, line)"


class Aside:
    """By the kind of thing and the id of what it belongs to, in an order of its own."""

    def __init__(self) -> None:
        # A database without a name lies in a temporary file that SQLite removes. Steps of a reader may be taken by
        # different threads, one after the other.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._counts: Counter[str] = Counter()
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(_TABLE)
        self._database.execute("BEGIN")

    def put(self, kind: str, owner: str, said: object, *, place: float = 0, line: int = 0) -> None:
        row = (kind, _storable(owner), place, line, json.dumps(said))
        self._database.execute("INSERT INTO kept VALUES (?, ?, ?, ?, ?)", row)
        self._counts[kind] += 1

    def index(self) -> None:
        """Once all is there; looking up goes by it."""
        self._database.execute(_INDEX)

    def of(self, kind: str, owner: str) -> list[Any]:
        rows = self._database.execute(
            "SELECT said FROM kept WHERE kind = ? AND owner = ? ORDER BY place, line", (kind, _storable(owner))
        )
        return [json.loads(said) for (said,) in rows]

    def one(self, kind: str, owner: str) -> Any:  # noqa: ANN401 - whatever JSON says
        """The first; None where there is none."""
        return next(iter(self.of(kind, owner)), None)

    def all(self, kind: str, within: str) -> Iterator[tuple[int, Any]]:
        """Those of one kind with their lines, in the order of what they are in, and there in their own."""
        rows = self._database.execute(
            "SELECT inner.line, inner.said FROM kept AS inner LEFT JOIN kept AS outer"
            " ON outer.kind = ? AND outer.owner = inner.owner WHERE inner.kind = ?"
            " ORDER BY outer.place IS NULL, outer.place, outer.line, inner.place, inner.line",
            (within, kind),
        )
        return ((line, json.loads(said)) for line, said in rows)

    def count(self, *kinds: str) -> int:
        return sum(self._counts[kind] for kind in kinds)

    def close(self) -> None:
        self._database.close()


def _storable(owner: str) -> str:
    """Half of a surrogate pair, which SQLite refuses, may stand in an id as in any other text of a stranger's file."""
    return owner.encode(errors="backslashreplace").decode()


@contextmanager
def aside() -> Iterator[Aside]:
    kept = Aside()
    try:
        yield kept
    finally:
        kept.close()
