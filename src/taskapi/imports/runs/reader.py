"""A file as rows of an import, from wherever the run before has come to, in batches that are bounded in every way."""

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from taskapi.imports import rows
from taskapi.imports.records import ImportedTask, Reader, Reading, Record
from taskapi.imports.rows import Entry, Row

MOST_ROWS: Final = 500
MOST_WEIGHT: Final = 2_000_000
_LAST_OF_A_STEP: Final = 5


class Batches:
    """`position` is how many records were given out or passed over; `has_ended` says that there are no more."""

    def __init__(self, file: BinaryIO, size: int, reader: Reader, reading: Reading, beside: Path) -> None:
        self.position = 0
        self.has_ended = False
        self._file, self._size = file, max(size, 1)
        self._records: Iterator[Record] = reader(file, reading)
        self._held: Entry | None = None
        self._seen = _Seen(beside)

    def begin(self) -> None:
        """Up to the first record, before which some formats go through the whole file: that may take seconds."""
        first = list(islice(self._records, 1))
        self._records = chain(first, self._records)

    def close(self) -> None:
        self._seen.close()

    @property
    def progress(self) -> float:
        """How much of the file was read, from 0 to 1."""
        return min(self._file.tell() / self._size, 1.0) if not self._file.closed else 1.0

    def steps(self, batch: list[Entry], most: int) -> Iterator[None]:
        """Fills a batch; between two of its rows who computes may let others have their turn, after each step."""
        ids: set[str] = set()
        weight = 0
        while len(batch) < most and weight < MOST_WEIGHT:
            one = self._next()
            if one is None:
                self.has_ended = True
                return
            if isinstance(one, Row):
                if one.external_id in ids:
                    # The same thing again: it changes what the first one makes, and so comes after it.
                    self._held = one
                    self.position -= 1
                    return
                ids.add(one.external_id)
                weight += rows.weight(one.record)
            batch.append(one)
            if len(batch) % _LAST_OF_A_STEP == 0 or weight > MOST_WEIGHT // 10:
                yield

    def _next(self) -> Entry | None:
        if self._held is not None:
            held, self._held = self._held, None
            self.position += 1
            return held
        record = next(self._records, None)
        if record is None:
            return None
        self.position += 1
        return self._row(record) if isinstance(record, ImportedTask) else record

    def _row(self, record: ImportedTask) -> Row:
        digest = rows.digest_of(record)
        if record.external_id:
            return Row(record, rows.fitting_id(record.external_id), digest)
        # Without an id a row is known again by what it says, and by how many like it came before.
        return Row(record, f"row:{digest.hex()}:{self._seen.times(digest)}", digest)


class _Seen:
    """How often each row without an id has come; on disk, so that a million of them take no memory."""

    def __init__(self, beside: Path) -> None:
        self._path = beside
        self._database: sqlite3.Connection | None = None

    def times(self, digest: bytes) -> int:
        if self._database is None:
            self._database = sqlite3.connect(self._path, isolation_level=None)
            self._database.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; BEGIN;"
                "CREATE TABLE seen (digest BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID"
            )
        found: tuple[int] = self._database.execute(
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT (digest) DO UPDATE SET times = times + 1 RETURNING times",
            (digest,),
        ).fetchone()
        return found[0]

    def close(self) -> None:
        if self._database is not None:
            self._database.close()


def reading_of(mapping: Mapping[str, str | None] | None, options: Mapping[str, Any], timezone: str) -> Reading:
    """Times without a zone are those of who imports, unless the options name another zone."""
    return Reading(mapping, {"timezone": timezone, **options})
