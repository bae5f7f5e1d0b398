"""The collector of garbage: kept away from what start-up made, and its longer pauses told.

A full collection walks every object there is: 120 ms with all that is imported, once in each second of load, and
nobody is answered meanwhile. What is frozen is not walked, and the thresholds make a full collection of the rest rare.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

# Objects made until the youngest are walked; how many times that, until older ones are.
_THRESHOLDS: Final = (10_000, 20, 50)
_WORTH_TELLING: Final = 0.005


def freeze() -> None:
    """At the end of start-up: what has been made stays to the end of the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


@contextmanager
def held() -> Iterator[None]:
    """Nothing is collected while this lasts, for what goes down to the end of the stack and comes back.

    A collection there ends things of others, generators and connections, and finds no room to call what ends them.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def pauses(tell: Callable[[float], None]) -> Iterator[None]:
    """While this lasts, `tell` is given the seconds of each collection that took more than 5 ms."""
    started = 0.0

    def watch(phase: str, _: dict[str, int]) -> None:
        nonlocal started
        now = time.perf_counter()
        if phase == "start":
            started = now
        elif now - started > _WORTH_TELLING:
            tell(now - started)

    gc.callbacks.append(watch)
    try:
        yield
    finally:
        gc.callbacks.remove(watch)
