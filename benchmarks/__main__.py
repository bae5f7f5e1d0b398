"""`python -m benchmarks`: the budgets of the service, measured; `--help` lists the options."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from benchmarks import enumeration, pgbench, report
from benchmarks.laboratory import Bench, Pace, filled
from benchmarks.replay import replay
from benchmarks.scenarios import BY_NAME, Scenario
from benchmarks.servers import BARE, Driver, driving
from taskapi.embedded import DURABLE, EmbeddedServer, start

_SMALL, _LARGE = 10_000, 1_000_000
_QUICK, _FULL = Pace(rounds=2, seconds=0.5), Pace(rounds=3, seconds=1.5)
_QUICK_PGBENCH_SECONDS, _FULL_PGBENCH_SECONDS = 1, 3

_IDLE_SECONDS = 3
"""After which the memory of password hashing is given back; its peak is another figure."""


def main() -> int:
    options = _options()
    if not sys.platform.startswith("linux"):
        print("The benchmarks read CPU time from Linux's /proc: run them on Linux, or in a container.")
        return 2
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the run")
    signal.signal(signal.SIGTERM, _stop)  # so that the blocks below end their processes and remove their files
    with _workplace() as (postgres, driver, directory):
        failed = _measure(postgres, driver, directory, options) if options.scenarios else False
        if options.enumeration:
            print("\n## Enumeration\n")
            rounds = enumeration.QUICK_ROUNDS if options.quick else enumeration.ROUNDS
            failed |= enumeration.enumeration(postgres, directory, rounds)
        if options.replay:
            print("\n## Replay\n")
            failed |= replay(postgres, directory, options.replay_file)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 tasks only, and a short look at each scenario")
    parser.add_argument("--only", type=_names, metavar="GET,list", help="these scenarios, and no replay")
    parser.add_argument("--replay-file", type=Path, metavar="FILE", help="issues to replay; else an invented set")
    parser.add_argument("--no-replay", dest="replay", action="store_false", help="leave the replay out")
    options = parser.parse_args()
    options.replay = options.replay and options.only is None
    options.enumeration = options.only is None or enumeration.NAME in options.only
    options.scenarios = [BY_NAME[name] for name in options.only or BY_NAME if name in BY_NAME]
    return options


def _names(text: str) -> list[str]:
    names, known = text.split(","), (*BY_NAME, enumeration.NAME)
    if strangers := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"{strangers[0]} is none of {', '.join(known)}")
    return names


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    sys.exit(128 + number)


@contextmanager
def _workplace() -> Iterator[tuple[EmbeddedServer, Driver, Path]]:
    with tempfile.TemporaryDirectory(prefix="taskapi-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as another account where we are root
        with start(directory / "postgres", DURABLE) as postgres, driving(directory) as driver:
            yield postgres, driver, directory


def _measure(postgres: EmbeddedServer, driver: Driver, directory: Path, options: argparse.Namespace) -> bool:
    scenarios: list[Scenario] = options.scenarios
    sizes = []
    for tasks in (_SMALL,) if options.quick else (_SMALL, _LARGE):
        print(f"\n## {tasks:,} tasks\n", flush=True)
        with filled(postgres, driver, directory, tasks) as bench:
            sizes.append(_measure_one(bench, scenarios, quick=options.quick))
    if len(sizes) > 1:
        print("\n## Growth\n\n" + report.growth_table(*sizes))
    return any(report.examples(size) for size in sizes)


def _measure_one(bench: Bench, scenarios: list[Scenario], *, quick: bool) -> report.Size:
    pace, seconds = (_QUICK, _QUICK_PGBENCH_SECONDS) if quick else (_FULL, _FULL_PGBENCH_SECONDS)
    size = report.Size(bench.dataset.tasks, bench.api_megabytes, bench.api.served.seconds_to_ready)
    trips = bench.round_trips(scenarios)
    for scenario in scenarios:
        size.rows.append(report.Row(scenario, *bench.compare(scenario, pace), trips[scenario.name]))
    time.sleep(_IDLE_SECONDS)
    size.megabytes, size.megabytes_peak = bench.api_megabytes, bench.api_megabytes_peak
    if not quick and size.tasks == _SMALL:
        size.asides = _asides(bench, pace)
    size.rates = pgbench.run(bench.postgres, bench.database, bench.dataset, seconds, bench.directory)
    print(report.main_table(size))
    print("\n" + "\n".join([*report.process_lines(size), *report.examples(size)]))
    print("\n" + report.pgbench_table(size.rates), flush=True)
    return size


def _asides(bench: Bench, pace: Pace) -> list[str]:
    """Figures to know that have no goal."""
    logging = bench.with_settings(BY_NAME["GET"], pace, TASKAPI_LOG_LEVEL="info", TASKAPI_LOG_FORMAT="json")
    silent = bench.with_settings(BY_NAME["GET"], pace)
    lines = [
        f"access log: {logging.server_us - silent.server_us:.0f} µs of CPU per request (GET {silent.server_us:.0f})"
    ]
    for name in ("POST", "PATCH"):
        bare = bench.with_settings(BY_NAME[name], pace, target=BARE, TASKAPI_BENCH_EVENTS="off")
        lines.append(f"bare {name} without the row of the change log: {bare.server_us:.0f} µs")
    return lines


if __name__ == "__main__":
    sys.exit(main())
