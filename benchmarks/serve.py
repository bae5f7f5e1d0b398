"""Serves one ASGI application as production does: `python -m benchmarks.serve module:factory port`.

Ends with whoever started it, however that one ends.
"""

import ctypes
import signal
import sys

import uvicorn

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    target, port = sys.argv[1:]
    # The kernel watches, and no thread of ours: it would have an arena of its own, where memory is to be measured.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    uvicorn.run(
        target,
        factory=True,
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
