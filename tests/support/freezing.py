"""A PostgreSQL of a test's own that stands still: it keeps its connections, and answers no more."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def frozen(postmaster: int) -> Iterator[None]:
    """The postmaster first, so that it starts no process meanwhile."""
    os.kill(postmaster, signal.SIGSTOP)
    stopped = [*_children(postmaster), postmaster]
    try:
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
