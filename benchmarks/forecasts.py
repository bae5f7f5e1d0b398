"""Whether forecasts held: on real histories, each date that was told is compared with the day on which it was so.

    .venv/bin/python -m benchmarks.forecasts issues.ndjson.gz

On every other Monday of a history, a forecast is made from the days before it alone, for the next 5, 10 and 20 tasks; a
case counts where the history shows when these were done. `held` is the share of cases that were done by the date that
was told. A date with 85 % confidence that always holds is too late, one that holds every second time is too early.
"""

import argparse
import gzip
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="issues, one JSON document a line, as Jira has them")
    done = _done(parser.parse_args().file)
    print(f"{'projects':>9} {'history':>7} {'cases':>6} " + " ".join(f"{f'{share:.0%} held':>10}" for share in SHARES))
    for called, teams in (("together", [TOGETHER]), ("each", sorted(done.keys() - {TOGETHER}))):
        for history in HISTORIES:
            cases = [case for team in teams for case in _cases(done[team], history)]
            held = [sum(actual <= told[share] for actual, told in cases) / len(cases) for share in SHARES]
            shares = " ".join(f"{share:>10.1%}" for share in held)
            print(f"{called:>9} {history:>5} d {len(cases):>6} {shares}", flush=True)


def _done(path: Path) -> dict[str, list[date]]:
    """By project, the days on which something was resolved; and all together, as of one large team."""
    done: defaultdict[str, list[date]] = defaultdict(list)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for line in file:
            issue = json.loads(line)
            if issue["resolved"]:
                day = datetime.strptime(issue["resolved"], "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC).date()
                done[issue["key"].partition("-")[0]].append(day)
                done[TOGETHER].append(day)
    return {name: sorted(days) for name, days in done.items() if len(days) >= _FEWEST}


def _cases(done: list[date], history: int) -> Iterator[tuple[int, dict[float, float]]]:
    """How many days it took, and how many were told."""
    monday = done[0] + timedelta(days=history + 7 - done[0].weekday())
    while monday <= done[-1]:
        before = bisect_right(done, monday)
        counts = [0] * history
        for day in done[:before]:
            if (age := (monday - day).days) < history:
                counts[age] += 1
        for wanted in NEXT:
            if any(counts) and before + wanted <= len(done):
                outcome = simulate(counts, wanted, _RUNS, monday.toordinal(), HORIZON_DAYS)
                yield (done[before + wanted - 1] - monday).days, {share: outcome.by(share) for share in SHARES}
        monday += timedelta(days=14)


if __name__ == "__main__":
    main()
