"""What a terminal may be sent: somebody's text in a line of the log moves no cursor and turns nothing round."""

from io import StringIO
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo


class _Quoted:
    """A text that the renderer shows as Python writes it: it takes whatever is no text by its `repr`."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return repr(self._text)


def defuse(_: object, __: str, event: EventDict) -> EventDict:
    """For the console: each value that holds a control character, a break or a mark of order is quoted.

    JSON escapes them by itself.
    """
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = _on_one_line(value) if name == "event" else _Quoted(value)
    return event


def traceback(stream: TextIO, exc_info: ExcInfo) -> None:
    """Without local variables, which are bodies, passwords, tokens; and what a failure says may be somebody's text."""
    written = StringIO()
    structlog.dev.plain_traceback(written, exc_info)
    stream.write("\n".join(_on_one_line(line) for line in written.getvalue().split("\n")))


def _on_one_line(text: str) -> str:
    """As it is, with what cannot be seen written out."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
