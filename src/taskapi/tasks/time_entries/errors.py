"""What can go wrong with time entries and timers."""

from datetime import timedelta
from typing import Final

from taskapi.core.errors import Conflict, Invalid

LONGEST: Final = timedelta(days=7)


class TimerRunning(Conflict):
    """You have one timer at a time: stop it (POST `/users/me/timer/stop`); `running` is its entry."""

    code, title = "timer_running", "A timer of yours is running"


class NoTimerRunning(Conflict):
    """It was stopped already, or never started; GET `/users/me/timer` tells which one runs."""

    code, title = "no_timer_running", "No timer of yours is running here"


def ends_before_start() -> Invalid:
    detail = "ended_at would be before started_at"
    return Invalid("Time goes forwards", ("/ended_at", "ends_before_start", detail))


def too_long() -> Invalid:
    return Invalid("That is too long", ("/ended_at", "too_long", f"An entry is {LONGEST.days} days long at most"))
