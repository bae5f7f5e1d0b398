"""A clock of the service that a test sets: what happened months ago is told to have happened then."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from taskapi.core import clock


class MovingClock:
    """Each time somebody looks it is a millisecond later, so that no two changes have the same time."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).astimezone(UTC)


def moving_clock(monkeypatch: pytest.MonkeyPatch, text: str) -> MovingClock:
    moving = MovingClock(datetime.fromisoformat(text).astimezone(UTC))

    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=lambda _: moving()))
    return moving
