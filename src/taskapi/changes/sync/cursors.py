"""Where a client has come in the log, as it keeps it: sealed, and good for every filter, process and start."""

from typing import Final, NamedTuple

from taskapi.core.lists.paging import Cursors

_BINDING: Final = "changes"
_HALF: Final = "half"


class Place(NamedTuple):
    """Behind the change of this position; `is_half`: what it means for the client is still to be told."""

    xid: int
    seq: int
    is_half: bool = False

    @property
    def position(self) -> tuple[int, int]:
        return self.xid, self.seq

    def values(self) -> dict[str, object]:
        """What the statements read after; the change of a half place comes again, for its second part."""
        return {"after_xid": str(self.xid), "after_seq": self.seq - self.is_half}


def write(cursors: Cursors, place: Place) -> str:
    return cursors.encode(_BINDING, [str(place.xid), str(place.seq), *([_HALF] if place.is_half else [])])


def read(cursors: Cursors, cursor: str) -> Place:
    """Raises InvalidCursor."""
    xid, seq, *half = cursors.decode(_BINDING, cursor)
    return Place(int(xid), int(seq), bool(half))
