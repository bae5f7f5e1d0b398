"""Whether forecasts held: on real histories, each date that was told is compared with the day on which it was so.

    .venv/bin/python -m benchmarks.forecasts issues.ndjson.gz

On every other Monday of a history, a forecast is made from the days before it alone: for the next 5, 10 and 20 tasks,
where so many were open, and for all that were open. Of more than were open nobody could tell, for some were yet to be
reported. A case counts where the history shows when these were done. `held` is the share of cases that were done by
the date that was told. A date with 85 % confidence that always holds is too late, one that holds every second time is
too early.
"""

import argparse
import gzip
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from taskapi.analytics.forecast.schemas import HORIZON_DAYS
from taskapi.analytics.forecast.simulation import simulate

TOGETHER: Final = "together"
HISTORIES: Final = (30, 90)
NEXT: Final = (5, 10, 20)
SHARES: Final = (0.5, 0.85, 0.95)
_RUNS: Final = 400
_FEWEST: Final = 15


@dataclass(frozen=True)
class Team:
    """Days, the first first."""

    reported: list[date]
    done: list[date]

    def open_on(self, day: date) -> int:
        """Of those that were done in the end: others are open for ever."""
        return bisect_right(self.reported, day) - bisect_right(self.done, day)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="issues, one JSON document a line, as Jira has them")
    teams = _teams(parser.parse_args().file)
    print(f"{'asked':>9} {'projects':>9} {'history':>7} {'cases':>6} " + " ".join(f"{s:>6.0%} held" for s in SHARES))
    for asked, wanted in (("the next", NEXT), ("all open", ())):
        for called, those in (("together", [TOGETHER]), ("each", sorted(teams.keys() - {TOGETHER}))):
            for history in HISTORIES:
                cases = [case for name in those for case in _cases(teams[name], history, wanted)]
                held = [sum(actual <= told[share] for actual, told in cases) / len(cases) for share in SHARES]
                shares = " ".join(f"{share:>11.1%}" for share in held)
                print(f"{asked:>9} {called:>9} {history:>5} d {len(cases):>6} {shares}", flush=True)


def _teams(path: Path) -> dict[str, Team]:
    """By project; and all together, as of one large team. Of what was done, when it was reported and resolved."""
    teams: defaultdict[str, list[tuple[date, date]]] = defaultdict(list)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for line in file:
            issue = json.loads(line)
            if issue["resolved"]:
                days = (_day(issue["created"]), _day(issue["resolved"]))
                teams[issue["key"].partition("-")[0]].append(days)
                teams[TOGETHER].append(days)
    return {
        name: Team(sorted(reported for reported, _ in days), sorted(done for _, done in days))
        for name, days in teams.items()
        if len(days) >= _FEWEST
    }


def _day(moment: str) -> date:
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC).date()


def _cases(team: Team, history: int, wanted: Sequence[int]) -> Iterator[tuple[int, dict[float, float]]]:
    """How many days it took, and how many were told. `wanted` empty: all that were open."""
    done = team.done
    monday = done[0] + timedelta(days=history + 7 - done[0].weekday())
    while monday <= done[-1]:
        before, there = bisect_right(done, monday), team.open_on(monday)
        counts = [0] * history
        for day in done[:before]:
            if (age := (monday - day).days) < history:
                counts[age] += 1
        for number in wanted or (there,):
            if any(counts) and 0 < number <= there:
                outcome = simulate(counts, number, _RUNS, monday.toordinal(), HORIZON_DAYS)
                yield (done[before + number - 1] - monday).days, {share: outcome.by(share) for share in SHARES}
        monday += timedelta(days=14)


if __name__ == "__main__":
    main()
