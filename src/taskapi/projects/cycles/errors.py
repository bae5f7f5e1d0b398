"""What can go wrong with cycles."""

from taskapi.core.errors import Conflict, Invalid


class CycleOverlap(Conflict):
    """The cycles of a project follow each other: a day is in one of them at most."""

    code, title = "cycle_overlap", "The project has a cycle in these days"


class NoNextCycle(Conflict):
    """Make a cycle that starts after this one, or name another with `to`."""

    code, title = "no_next_cycle", "No cycle comes after this one"


class TooManyCycles(Conflict):
    """Delete those that nobody looks at any more."""

    code, title = "too_many_cycles", "The project has too many cycles"


def ends_too_early() -> Invalid:
    detail = "A cycle ends on the day it starts, or later"
    return Invalid(detail, ("/ends_on", "ends_too_early", detail))


def no_target() -> Invalid:
    detail = "The project has no other cycle with this id"
    return Invalid(detail, ("/to", "unknown_cycle", detail))
