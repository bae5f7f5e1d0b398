"""Serves one ASGI application as production does: `python -m benchmarks.serve module:factory port`.

Ends when its standard input does, and so with whoever started it, however that one ends.
"""

import os
import signal
import sys
import threading

import uvicorn


def main() -> None:
    target, port = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.run(
        target,
        factory=True,
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
    )


def _end_with_parent() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
