"""What a trial says of parents and links: of a file of which no row is kept, all rows are noted beside it first.

A row whose parent stands further down is none without a parent, and whether it would hang too deep, or in a circle, is
known when all have been seen. So a trial answers all that the first time through could not in the second.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from taskapi.core.db.session import DbSession
from taskapi.imports import rows
from taskapi.imports.batches import parents, queries
from taskapi.imports.batches.queries import FoundRow, HeldRow
from taskapi.imports.children import service as children
from taskapi.imports.records import ImportedTask, Problem
from taskapi.imports.rows import Entry, Row
from taskapi.tasks.tree import service as tree

_TABLES: Final = (
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; BEGIN;"
    "CREATE TABLE told (id TEXT PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE hung (id TEXT PRIMARY KEY, parent TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX below ON hung (parent)"
)
_ABOVE: Final = """
    WITH RECURSIVE above (id, level) AS (
        SELECT ?, 1 UNION ALL SELECT hung.parent, level + 1 FROM above JOIN hung ON hung.id = above.id WHERE level < 20
    )
    SELECT id FROM above ORDER BY level
"""
_LEVELS: Final = """
    WITH RECURSIVE below (id, level) AS (
        SELECT ?, 1 UNION ALL SELECT hung.id, level + 1 FROM below JOIN hung ON hung.parent = below.id WHERE level < 20
    )
    SELECT max(level) FROM below
"""


class Outline:
    """The ids of a file, and the tree that it would make: on disk, so that a million of them take no memory."""

    def __init__(self, beside: Path) -> None:
        self._database = sqlite3.connect(beside, isolation_level=None, check_same_thread=False)
        self._database.executescript(_TABLES)

    def note(self, batch: Sequence[Entry]) -> None:
        ids = [(_stored(row.external_id),) for row in batch if isinstance(row, Row)]
        self._database.executemany("INSERT OR IGNORE INTO told VALUES (?)", ids)

    def has(self, external_id: str) -> bool:
        found = self._database.execute("SELECT 1 FROM told WHERE id = ?", (_stored(external_id),)).fetchone()
        return found is not None

    def why_not(self, external_id: str, parent: str, outer_depth: int) -> tuple[str, str] | None:
        """Why the one cannot hang below the other; else it does from now on. `outer_depth` as `parents` has it."""
        above = [one for (one,) in self._database.execute(_ABOVE, (_stored(parent),))]
        if _stored(external_id) in above:
            return parents.CIRCLE
        [levels] = self._database.execute(_LEVELS, (_stored(external_id),)).fetchone()
        if max(len(above), outer_depth) + levels > tree.DEEPEST:
            return parents.TOO_DEEP
        told = (_stored(external_id), _stored(parent))
        self._database.execute("INSERT OR IGNORE INTO hung VALUES (?, ?)", told)
        return None

    def close(self) -> None:
        self._database.close()


async def problems_of(
    session: DbSession, held: HeldRow, batch: Sequence[Row], found: dict[str, FoundRow], outline: Outline
) -> list[Problem]:
    """Of rows that would be new; what is there already was asked for itself, the first time through."""
    new = [row for row in batch if row.external_id not in found]
    there = {found[name]["task_id"] for row in new if (name := _parent(row.record)) in found}
    depths = {}
    if there:
        answered = await session.fetch_rows(queries.DEPTHS, task_ids=list(there), of_project=held["project_id"])
        depths = {row["task_id"]: row["depth"] for row in answered}
    problems = []
    for row in new:
        parent = _parent(row.record)
        if parent and parent not in found and not outline.has(parent):
            problems.append(parents.unknown(row.record))
        elif parent:
            depth = depths.get(found[parent]["task_id"]) if parent in found else 0
            why = parents.OUT_OF_REACH if depth is None else outline.why_not(row.external_id, parent, depth)
            problems += [parents.problem_of(row.record, *why)] if why else []
        problems += _unknown_links(row.record, found, outline)
    return problems


def _unknown_links(record: ImportedTask, found: dict[str, FoundRow], outline: Outline) -> Iterator[Problem]:
    for link in record.links:
        other = rows.fitting_id(link.external_id)
        if other not in found and not outline.has(other):
            yield children.unknown_link(record, link)


def _parent(record: ImportedTask) -> str:
    return rows.fitting_id(record.parent) if record.parent else ""


def _stored(external_id: str) -> str:
    """Half of a surrogate pair, which SQLite refuses, may stand in an id."""
    return external_id.encode(errors="backslashreplace").decode()
