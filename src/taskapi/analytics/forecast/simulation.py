"""The future drawn many times from days of the past (Monte Carlo): how many days some tasks take.

Each run draws days of a history with replacement, each as likely as any other, until what they completed is as much as
remains. So it needs no estimates, and knows what a usual week looks like without being told.

A few weeks say little about how quick a team is in the long run, and draws from them alone are too sure of it. So each
run has a history of its own: weeks of the real one, drawn with replacement as well (the moving block bootstrap: Künsch,
The Jackknife and the Bootstrap for General Stationary Observations, 1989), and fewer of them (m out of n: Bickel, Götze
and van Zwet, Resampling Fewer Than n Observations, 1997). `benchmarks/forecasts.py` has how often dates held with it.
"""

import math
import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

# What all runs together may draw, so that a forecast costs half a second of a core at most.
_MOST_DRAWS: Final = 4_000_000
_FEWEST_RUNS: Final = 200
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    days: Sequence[float]
    """What each run took, the shortest first; infinite where it went beyond the horizon."""

    def by(self, share: float) -> float:
        """The days in which this share of the runs was done, and no fewer."""
        return self.days[max(0, math.ceil(share * len(self.days)) - 1)]


def simulate(history: Sequence[int], remaining: int, runs: int, seed: int, horizon: int) -> Outcome:
    """`history` is what each day completed; some day must have completed something. Fewer runs where each is long."""
    assert remaining > 0
    assert any(history)
    expected = min(horizon, math.ceil(remaining * len(history) / sum(history)))
    runs = min(runs, max(_FEWEST_RUNS, _MOST_DRAWS // (expected + len(history))))
    chance = random.Random(seed)  # noqa: S311 - no secret
    step = min(horizon, max(4, expected + expected // 4))
    twice = [*history, *history]
    return Outcome(sorted(_run(_one_like(twice, chance), remaining, chance, step, horizon) for _ in range(runs)))


def _one_like(twice: Sequence[int], chance: random.Random) -> Sequence[int]:
    """Another history: weeks of this one, which is given twice, so that a week may begin on its last day.

    As many as the square root of how many it has: what teams do hangs together for much longer than a week, so that a
    history knows less than its length says. And on from there until something was done: where that is seldom, most
    weeks have nothing, and leaving them out would make every such team a quick one.
    """
    length = len(twice) // 2
    left, drawn, does_something = round(math.sqrt(length / _WEEK)), list[int](), False
    while left > 0 or not does_something:
        begin = chance.randrange(length)
        week = twice[begin : begin + _WEEK]
        drawn += week
        does_something = does_something or any(week)
        left -= 1
    return drawn


def _run(history: Sequence[int], remaining: int, chance: random.Random, step: int, horizon: int) -> float:
    """So many days at a time as mostly suffice."""
    passed, done = 0, 0
    while passed < horizon:
        days = min(step, horizon - passed)
        sums = list(accumulate(chance.choices(history, k=days), initial=done))
        if sums[-1] >= remaining:
            return passed + bisect_left(sums, remaining)
        passed, done = passed + days, sums[-1]
    return math.inf
