"""What a stream sends: changes and markers, each rendered once however many are told, and why it ends."""

from dataclasses import dataclass
from enum import Enum

from taskapi.changes.sync import cursors
from taskapi.changes.sync.cursors import Place
from taskapi.core.http.server_sent import event
from taskapi.core.lists.paging import Cursors


class Ending(Enum):
    """Why a stream ends: a code for its last message, the code that a WebSocket is closed with, and what to do."""

    LEAVING = ("leaving", 1012, "The service restarts: come again with your cursor")
    TOO_SLOW = ("too_slow", 1013, "Too much is waiting for you: come again with your cursor")
    SIGNED_OUT = ("signed_out", 4401, "The session or token has ended: sign in again")
    PROJECT_LOST = ("project_lost", 4403, "You see this project no more")
    RENEWED = ("renewed", 1012, "A stream lasts no longer: come again with your cursor")

    def __init__(self, code: str, number: int, detail: str) -> None:
        self.code = code
        self.number = number
        self.detail = detail


@dataclass(slots=True)
class Item:
    """One change or marker, with the cursor behind it; the same object for all who are told."""

    body: str
    place: Place
    cursor: str
    _event: bytes = b""
    _message: str = ""

    @property
    def event(self) -> bytes:
        """As a server-sent event, of the type that every `onmessage` takes."""
        if not self._event:
            self._event = event(data_str=self.body, id=self.cursor)
        return self._event

    @property
    def message(self) -> str:
        """As a message of a WebSocket."""
        if not self._message:
            self._message = f'{{"type":"change","cursor":"{self.cursor}","change":{self.body}}}'
        return self._message


def item(sealed: Cursors, body: str, place: Place) -> Item:
    return Item(body, place, cursors.write(sealed, place))
