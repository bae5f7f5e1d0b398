"""The line of a request: in the shape of every other line of the log, without the chain of processors that makes those.

The chain takes 61 µs, a fifth of a small read; for a line whose fields are always the same, 5 are enough.
"""

from datetime import UTC, datetime
from typing import Final, TextIO

from pydantic_core import to_json

_MEANS_SOMETHING: Final = frozenset(" =\"'")


class AccessLog:
    """Writes one line for each request, or none where the level of the log is above `info`."""

    def __init__(self, stream: TextIO | None, *, as_json: bool) -> None:
        self._stream = stream
        self._line = _json_line if as_json else _console_line

    def tell(self, fields: dict[str, object], request_id: str | None) -> None:
        """`fields` in the order that they are written in, none of which is a secret."""
        if self._stream is None:
            return
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self._stream.write(self._line(fields, now, request_id))
        self._stream.flush()


def _json_line(fields: dict[str, object], now: str, request_id: str | None) -> str:
    line = {**fields, "event": "request", "level": "info", "timestamp": now, "request_id": request_id}
    return to_json(line, ensure_ascii=True).decode() + "\n"


def _console_line(fields: dict[str, object], now: str, request_id: str | None) -> str:
    pairs = " ".join(f"{name}={_shown(value)}" for name, value in sorted({**fields, "request_id": request_id}.items()))
    return f"{now} [info     ] request                        {pairs}\n"


def _shown(value: object) -> str:
    """A text as it is, unless somebody could write with it what we did not."""
    if isinstance(value, str) and value.isprintable() and not _MEANS_SOMETHING & set(value):
        return value
    return repr(value)
