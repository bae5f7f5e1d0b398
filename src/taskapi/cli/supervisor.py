"""`taskapi serve --workers N`: processes that share one listening socket, replaced when they die, ended together.

Children are forked from a parent that has imported everything: they share that memory, and a new one is there at once.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog

log = structlog.stdlib.get_logger("taskapi.supervisor")

Serve = Callable[[int, int], None]
"""What a child does: given its number, and a descriptor that becomes readable when its parent is no more."""

_ENDS: Final = (signal.SIGTERM, signal.SIGINT)
_LOOK_SECONDS: Final = 0.1
_MARGIN_SECONDS: Final = 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0
_LIVED: Final = 10.0  # who has served for so long is replaced at once


@dataclass(slots=True)
class _Place:
    """One of the N: a number that its children have one after the other."""

    number: int
    pid: int = 0
    born: float = 0.0
    pause: float = _FIRST_PAUSE
    due: float = 0.0
    """When the next child may be started, of a place that has none."""


class Supervisor:
    def __init__(self, serve: Serve, count: int, patience: float) -> None:
        self._serve = serve
        self._places = [_Place(number) for number in range(count)]
        self._patience = patience
        self._ending = False
        # Nobody writes to it. Its writing end is ours alone: it closes when we die, however that happens.
        self._watched, self._held = os.pipe()

    def run(self, stop_listening: Callable[[], None]) -> None:
        """Until SIGTERM or Ctrl-C, and then until all children have ended what they had begun."""
        kept = {number: signal.signal(number, self._end) for number in _ENDS}
        try:
            while not self._ending:
                self._fill()
                time.sleep(_LOOK_SECONDS)  # a signal ends it no sooner, and is heard all the same
                self._bury()
            # The door is open as long as one process has it: now they alone do, each until it has drained.
            stop_listening()
            self._drain()
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def _end(self, *_: object) -> None:
        self._ending = True

    def _fill(self) -> None:
        for place in self._places:
            if not place.pid and time.monotonic() >= place.due and not self._ending:
                place.pid, place.born = self._fork(place.number), time.monotonic()

    def _fork(self, number: int) -> int:
        sys.stdout.flush()
        # Until the child hears signals itself they wait: with our handler it would take note of them and go on.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        pid = os.fork()
        if not pid:
            self._be_child(number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        return pid

    def _be_child(self, number: int) -> NoReturn:
        """Never returns into the parent's frames, whose ends are the parent's to reach."""
        code = 1
        try:
            for end in _ENDS:
                signal.signal(end, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            os.close(self._held)
            self._serve(number, self._watched)
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        except BaseException:
            log.exception("server.failed", number=number)
        finally:
            sys.stdout.flush()
            os._exit(code)

    def _bury(self) -> None:
        """Take note of the dead, and of when each is to be replaced."""
        for place in self._places:
            if not place.pid:
                continue
            ended, status = os.waitpid(place.pid, os.WNOHANG)
            if not ended:
                continue
            now = time.monotonic()
            place.pause = _FIRST_PAUSE if now - place.born > _LIVED else min(place.pause * 2, _LONGEST_PAUSE)
            place.pid, place.due = 0, now + place.pause
            if not self._ending:
                log.error("server.died", number=place.number, exit_code=os.waitstatus_to_exitcode(status))

    def _drain(self) -> None:
        deadline = time.monotonic() + self._patience + _MARGIN_SECONDS
        self._signal(signal.SIGTERM)
        while any(place.pid for place in self._places):
            if time.monotonic() > deadline:
                log.error("servers.killed", after_seconds=self._patience)
                self._signal(signal.SIGKILL)
                deadline = float("inf")
            time.sleep(_LOOK_SECONDS)
            self._bury()

    def _signal(self, number: signal.Signals) -> None:
        for place in self._places:
            if place.pid:
                os.kill(place.pid, number)  # not buried, so that the number cannot be anybody else's
