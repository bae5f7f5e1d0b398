"""Serves one ASGI application as production does: `python -m benchmarks.serve module:factory fd socket`.

Beside the application, in the same event loop, it notes for how long the loop served nobody, and tells whoever
connects to the Unix socket. It ends with whoever started it, however that one ends, and is handed what it listens on.
"""

import asyncio
import ctypes
import json
import signal
import socket
import sys
import time

import uvicorn
import uvloop

from benchmarks.listeners import allow_many_files

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_TICK_SECONDS = 0.001


class Pauses:
    """A timer that notes how late it rang: while the loop is busy, or the process waits for a core, no timer rings.

    A tick takes about 2 µs, a thousand times a second, in the service and in the bare program alike.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._longest = self._busy = 0.0
        self._set()

    def taken(self) -> dict[str, float]:
        """The longest since this was last asked, and how much of it the loop's own thread was computing."""
        told = {"pause_ms": self._longest * 1000, "busy_ms": self._busy * 1000}
        self._longest = self._busy = 0.0
        return told

    def _set(self) -> None:
        self._at, self._used = time.perf_counter(), time.thread_time()
        self._loop.call_later(_TICK_SECONDS, self._ring)

    def _ring(self) -> None:
        late = time.perf_counter() - self._at - _TICK_SECONDS
        if late > self._longest:
            self._longest, self._busy = late, min(late, time.thread_time() - self._used)
        self._set()


async def _serve(target: str, listening: socket.socket, told_at: str) -> None:
    pauses = Pauses(asyncio.get_running_loop())

    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(pauses.taken()).encode())
        writer.close()

    config = uvicorn.Config(
        target,
        factory=True,
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )
    async with await asyncio.start_unix_server(tell, told_at):
        await uvicorn.Server(config).serve([listening])


def main() -> None:
    target, descriptor, told_at = sys.argv[1:]
    allow_many_files()
    # The kernel watches, and no thread of ours: it would have an arena of its own, where memory is to be measured.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    uvloop.run(_serve(target, socket.socket(fileno=int(descriptor)), told_at))


if __name__ == "__main__":
    main()
