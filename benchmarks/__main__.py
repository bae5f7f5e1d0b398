"""`python -m benchmarks`: the budgets of the service, measured; `--help` lists the options."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from benchmarks import budgets, dataset, enumeration, page, pgbench, replay, report, sorts, streams, webhooks, writes
from benchmarks.laboratory import Bench, Pace, fill, serving_both
from benchmarks.processes import memory
from benchmarks.scenarios import BY_NAME, MIXED, MIXED_OF, MOST_CONNECTIONS, SCENARIOS, Scenario
from benchmarks.servers import BARE, Driver, driving
from taskapi.embedded import DURABLE, EmbeddedServer, start

_SMALL, _MIDDLE, _LARGE = 10_000, 300_000, 1_000_000
_CONNECTIONS = (1, 8, MOST_CONNECTIONS)
_ROUNDS, _FEW_ROUNDS = 3, 2
"""Few are enough where a figure has no budget, or only grows from one that has many."""
_SECONDS, _QUICK_SECONDS = 1.2, 0.5
_MIXED_SECONDS, _QUICK_MIXED_SECONDS = 60.0, 5.0
_BARE_SHARE = 1 / 3
"""Of the time that the mixed load is given the service: enough to compare CPU."""
_LIMIT_SECONDS, _QUICK_LIMIT_SECONDS = 3.0, 1.0
"""Of each script of pgbench."""
_WRITES, _SORTS, _REPLAY = "writes", "sorts", "replay"
_OTHERS = (_WRITES, _SORTS, enumeration.NAME, streams.NAME, webhooks.NAME, page.NAME, _REPLAY)
_LISTENERS, _FEW_LISTENERS = (100, 1_000, 2_000), (100, 500)

_IDLE_SECONDS = 3
"""After which the memory of password hashing is given back; its peak is another figure."""


@dataclass(slots=True)
class Run:
    """What was asked for, and what came of it."""

    options: argparse.Namespace
    postgres: EmbeddedServer
    driver: Driver
    directory: Path
    figures: dict[str, float] = field(default_factory=dict)
    failed: bool = False
    """An answer was wrong, which no budget allows."""

    def pace(self, *, thorough: bool) -> Pace:
        return Pace(_ROUNDS if thorough and not self.options.quick else _FEW_ROUNDS, self.options.seconds)

    def wants(self, name: str) -> bool:
        return self.options.only is None or name in self.options.only


def main() -> int:
    options = _options()
    if not sys.platform.startswith("linux"):
        print("The benchmarks read CPU time from Linux's /proc: run them on Linux, or in a container.")
        return 2
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the run")
    signal.signal(signal.SIGTERM, _stop)  # so that the blocks below end their processes and remove their files
    started = time.monotonic()
    with _workplace() as (postgres, driver, directory):
        run = Run(options, postgres, driver, directory)
        _measure(run)
        _others(run)
    judged = budgets.judge(budgets.read(), run.figures)
    print("\n## Budgets\n\n" + "\n".join([report.budgets_table(judged), "", *report.missed_lines(judged)]))
    print(f"\n{time.monotonic() - started:.0f} seconds, load average {os.getloadavg()[0]:.1f} at the end")
    return int(run.failed or (options.strict and any(one.missed for one in judged)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 tasks only, and a short look at each scenario")
    parser.add_argument("--only", type=_names, metavar="GET,writes", help=f"these of {', '.join([*BY_NAME, *_OTHERS])}")
    parser.add_argument("--seconds", type=float, help=f"of each look at a scenario ({_SECONDS})")
    parser.add_argument("--mixed-seconds", type=float, help=f"of the mixed load ({_MIXED_SECONDS:g})")
    parser.add_argument("--connections", type=_connections, default=_CONNECTIONS, metavar="1,8,32", help="at most 32")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a budget is missed")
    parser.add_argument("--replay-file", type=Path, metavar="FILE", help="issues to replay; else an invented set")
    replay.add_options(parser)
    options = parser.parse_args()
    quick = options.quick
    options.seconds = options.seconds or (_QUICK_SECONDS if quick else _SECONDS)
    options.mixed_seconds = options.mixed_seconds or (_QUICK_MIXED_SECONDS if quick else _MIXED_SECONDS)
    options.limit_seconds = _QUICK_LIMIT_SECONDS if quick else _LIMIT_SECONDS
    return options


def _names(text: str) -> list[str]:
    names, known = text.split(","), (*BY_NAME, *_OTHERS)
    if strangers := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"{strangers[0]} is none of {', '.join(known)}")
    return names


def _connections(text: str) -> tuple[int, ...]:
    numbers = tuple(int(number) for number in text.split(","))
    if not all(1 <= number <= MOST_CONNECTIONS for number in numbers):
        raise argparse.ArgumentTypeError(f"1 to {MOST_CONNECTIONS} connections")
    return numbers


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


def _measure(run: Run) -> None:
    """The scenarios: with few tasks at each number of connections, with many at the greatest."""
    scenarios, connections = [one for one in SCENARIOS if run.wants(one.name)], run.options.connections
    if not scenarios and not run.wants(MIXED.name):
        return
    small = _measure_size(run, _SMALL, scenarios, connections)
    run.figures |= report.figures_of_rows(small) | report.figures_of_rates(small)
    if scenarios and not run.options.quick:
        large = _measure_size(run, _LARGE, scenarios, (max(connections),))
        run.figures |= report.figures_of_rows(large) | report.figures_of_rates(large)
        run.figures |= report.figures_of_growth(small, large)
        print("\n## Growth\n\n" + report.growth_table(small, large), flush=True)


def _measure_size(run: Run, tasks: int, scenarios: Sequence[Scenario], connections: Sequence[int]) -> report.Size:
    print(f"\n## {tasks:,} tasks", flush=True)
    is_small, mixed = tasks == _SMALL, tasks == _SMALL and run.wants(MIXED.name)
    filled = fill(run.postgres, run.directory, tasks)
    size = report.Size(tasks)
    sampled = [one for one in SCENARIOS if one in scenarios or (mixed and one.name in MIXED_OF)]
    with serving_both(filled, run.driver, sampled) as bench:
        for number in connections:
            thorough = is_small and number == max(connections)
            size.rows += _compared(bench, scenarios, number, run.pace(thorough=thorough))
        if mixed:
            size.rows.append(_mixed(bench, max(connections), run.options.mixed_seconds))
        time.sleep(_IDLE_SECONDS)
        process = report.Process(bench.api.fresh, memory(bench.api.pid), bench.api.seconds_to_ready)
        size.trips = bench.round_trips(scenarios)
        lines = [*report.trips_lines(size), *report.process_lines(process)]
        if is_small:
            run.figures |= report.figures_of_process(process)
            lines += _asides(run, bench, scenarios)
        size.rates = pgbench.limits(
            run.postgres, filled.database, filled.dataset, bench.statements, run.options.limit_seconds
        )
    wrong = report.examples(size.rows)
    run.failed |= bool(wrong or bench.failures)
    print("\n" + "\n".join([*lines, *wrong]) + "\n\n" + report.pgbench_table(size.rates), flush=True)
    return size


def _compared(bench: Bench, scenarios: Sequence[Scenario], connections: int, pace: Pace) -> list[report.Row]:
    rows = []
    for scenario in scenarios:
        number = min(connections, scenario.most_connections)
        with bench.telling_what_fails():
            rows.append(report.Row(scenario, number, *bench.compare(scenario, number, pace)))
    if rows:
        print(f"\n### {connections} connections\n\n" + report.rows_table(rows), flush=True)
    return rows


def _mixed(bench: Bench, connections: int, seconds: float) -> report.Row:
    bare = bench.look(bench.bare, MIXED, connections, seconds * _BARE_SHARE)
    row = report.Row(MIXED, connections, bench.look(bench.api, MIXED, connections, seconds), bare)
    print(f"\n### Mixed load, {connections} connections, {seconds:g} s\n\n" + report.rows_table([row]), flush=True)
    return row


def _asides(run: Run, bench: Bench, scenarios: Sequence[Scenario]) -> list[str]:
    """What the access log costs, and what the row of the change log costs at least."""
    lines, pace = [], run.pace(thorough=True)
    for scenario in scenarios:
        if scenario.name == "GET":
            turns = replace(pace, rounds=2 * pace.rounds)  # a few µs are to be told from the noise
            cost, silent = bench.cost_of_settings(scenario, turns, TASKAPI_LOG_LEVEL="info", TASKAPI_LOG_FORMAT="json")
            run.figures["access_log/cpu_us"] = cost
            lines.append(f"- access log: {cost:.0f} µs of CPU per request (GET {silent:.0f})")
        if scenario.name in {"POST", "PATCH"}:
            bare = bench.with_settings(scenario, pace, target=BARE, TASKAPI_BENCH_EVENTS="off")
            lines.append(f"- bare {scenario.name} without the row of the change log: {bare.server_us:.0f} µs")
    return lines


def _others(run: Run) -> None:
    options = run.options
    if run.wants(_WRITES) or run.wants(_SORTS):
        filled = fill(run.postgres, run.directory, _MIDDLE, dataset.thirds)
        if run.wants(_SORTS):
            orders = sorts.orders(filled)
            run.figures |= report.figures_of_orders(orders)
            print(
                "\n## Sorts: milliseconds of PostgreSQL for a first page\n\n" + report.orders_table(orders), flush=True
            )
        if run.wants(_WRITES):
            costs = writes.costs(filled, options.limit_seconds)
            run.figures |= report.figures_of_writes(costs)
            print(f"\n## Writes, {_MIDDLE:,} tasks\n\n" + report.writes_table(costs), flush=True)
    if run.wants(enumeration.NAME):
        print("\n## Enumeration\n")
        rounds = enumeration.QUICK_ROUNDS if options.quick else enumeration.ROUNDS
        run.failed |= enumeration.enumeration(run.postgres, run.directory, rounds)
    if run.wants(streams.NAME):
        sizes = _FEW_LISTENERS if options.quick else _LISTENERS
        run.failed |= streams.streams(run.postgres, run.directory, sizes, quick=options.quick)
    if run.wants(webhooks.NAME):
        run.failed |= webhooks.webhooks(run.postgres, run.directory)
    if run.wants(page.NAME):
        run.figures |= page.page(run.postgres, run.directory, quick=options.quick)
    if run.wants(_REPLAY):
        print("\n## Replay\n")
        run.failed |= replay.replay(run.postgres, run.directory, options.replay_file, dict(options.status))


if __name__ == "__main__":
    sys.exit(main())
