"""Moves the clock that decides how long a caller stays known, and no other: the event loop has to go on."""

import time
from types import SimpleNamespace

import pytest

from taskapi.core.access import known_callers


def forget_callers_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the five seconds had gone by in which every process may still trust what it knows of a caller."""
    later = time.monotonic() + 5
    monkeypatch.setattr(known_callers, "time", SimpleNamespace(monotonic=lambda: later, time=time.time))
