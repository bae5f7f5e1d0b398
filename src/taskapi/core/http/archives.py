"""ZIP archives that are written while they are read, so that no archive is ever whole in memory."""

import io
import zipfile


class OutgoingZip:
    """A ZIP of which `take` has what was written since it was asked last.

    One that breaks off has no directory at its end, and no program opens it as whole.
    """

    def __init__(self) -> None:
        self._outgoing = _Outgoing()
        self.writer = zipfile.ZipFile(self._outgoing, "w", zipfile.ZIP_DEFLATED)

    def take(self) -> bytes:
        return self._outgoing.take()

    def end(self) -> bytes:
        """The directory."""
        self.writer.close()
        return self.take()


class _Outgoing(io.RawIOBase):
    """Keeps what zipfile writes until it is sent. It cannot seek, and so zipfile does not."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken
