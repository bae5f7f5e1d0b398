"""What `pg_restore` makes of a dump, as text: statements to send, and the rows between them."""

import re
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from taskapi.core.refused import Refused

_IDENTIFIER: Final = r'(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)'
_COPY: Final = re.compile(rf"COPY ({_IDENTIFIER})\.({_IDENTIFIER}) \(({_IDENTIFIER}(?:, {_IDENTIFIER})*)\) FROM stdin;")
_NAMES: Final = re.compile(_IDENTIFIER)
_ROWS_END: Final = b"\\.\n"
# For psql, or a setting of servers from 17 on; each of the script's connections has our settings.
_NOT_SENT: Final = re.compile(r"^(?:\\(?:un)?restrict \w+|SET transaction_timeout = 0;)$", re.MULTILINE)

# How functions fold case where the server has no collation of its own for that, and where it has, perhaps without ICU.
_BORROWED: Final = 'COLLATE pg_catalog."und-x-icu"'
_OWN: Final = "COLLATE pg_catalog.pg_c_utf8"
_HAS_OWN: Final = 17


class Rows(NamedTuple):
    """The head of a table's rows."""

    schema: str
    table: str
    columns: list[str]


def statements(text: bytes, schema: str, server: int) -> str:
    """Without the schema itself, which every database has. `server` is the major version of the one that takes them."""
    told = _NOT_SENT.sub("", text.decode()).replace(f"\nCREATE SCHEMA {schema};\n", "\n", 1)
    return told.replace(_BORROWED, _OWN) if server >= _HAS_OWN else told


class DataScript:
    """The part of a script that fills tables."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""

    async def next(self) -> Rows | str | None:
        """The next table whose rows follow, or the next statement; None: that was all."""
        while (line := await self._line()) is not None:
            text = line.decode().strip()
            if text.startswith("COPY "):
                return _head(text)
            # The value of a sequence; all else is settings, comments and lines for psql.
            if text.startswith("SELECT pg_catalog.setval("):
                return text
        return None

    async def rows(self) -> AsyncIterator[bytes]:
        """Those that follow a head, as COPY takes them."""
        begins = True
        while True:
            if begins and self._held.startswith(_ROWS_END):
                self._held = self._held[len(_ROWS_END) :]
                return
            end = self._held.find(b"\n" + _ROWS_END)
            if end >= 0:
                yield self._held[: end + 1]
                self._held = self._held[end + 1 + len(_ROWS_END) :]
                return
            # The end may be cut in two by the edge of a chunk.
            whole = len(self._held) - len(_ROWS_END) - 1
            if whole > 0:
                yield self._held[:whole]
                self._held, begins = self._held[whole:], False
            if not await self._more():
                raise Refused("the dump of the database ends too early", exit_code=1)

    async def _line(self) -> bytes | None:
        while (end := self._held.find(b"\n")) < 0:
            if not await self._more():
                return None
        line, self._held = self._held[:end], self._held[end + 1 :]
        return line

    async def _more(self) -> bool:
        chunk = await anext(self._chunks, b"")
        self._held += chunk
        return bool(chunk)


def _head(line: str) -> Rows:
    found = _COPY.fullmatch(line)
    if found is None:
        raise Refused(f"the dump of the database has a line that this program does not know: {line[:80]}", exit_code=1)
    return Rows(_plain(found[1]), _plain(found[2]), [_plain(name) for name in _NAMES.findall(found[3])])


def _plain(identifier: str) -> str:
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier
