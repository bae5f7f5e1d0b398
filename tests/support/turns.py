"""Tests that measure time run while no other test does: at other times they would measure the others."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(folder: Path, *, is_alone: bool) -> Iterator[None]:
    """One's turn among the processes that use the same folder: beside others, or alone.

    Everybody passes the gate. Who wants to be alone stays in it until those who run have ended, so that nobody new
    begins meanwhile. A lock goes with its process, also with one that is killed.
    """
    with (folder / "gate").open("w") as gate, (folder / "running").open("w") as running:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(running, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            # Told, not just closed: a process that the test forked may still have the file.
            fcntl.flock(running, fcntl.LOCK_UN)
