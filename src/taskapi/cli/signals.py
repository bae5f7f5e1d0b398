"""What SIGTERM and Ctrl-C do to a command while nobody else handles them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def until_signalled() -> Iterator[None]:
    """SIGTERM ends what is inside as Ctrl-C does; while the API serves, both are its own to handle."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        yield


@contextmanager
def ignoring_signals() -> Iterator[None]:
    """What is inside ends in its order, however often Ctrl-C is pressed."""
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
