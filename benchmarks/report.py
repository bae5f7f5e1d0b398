"""Figures as tables, and what the goals say to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.driver import Measured
from benchmarks.pgbench import Rate
from benchmarks.scenarios import Scenario

RSS_GOAL_MB = 110
START_GOAL_SECONDS = 1.5
GROWTH_GOAL = 1.3
_TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Row:
    scenario: Scenario
    api: Measured
    bare: Measured
    trips: float | None = None

    @property
    def ratio(self) -> float:
        return self.api.server_us / self.bare.server_us if self.bare.server_us else 0.0

    @property
    def is_login(self) -> bool:
        return self.scenario.name == "login"


@dataclass(slots=True)
class Size:
    """All that was measured with so many tasks."""

    tasks: int
    megabytes_fresh: float
    seconds_to_ready: float
    rows: list[Row] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    megabytes: float = 0.0
    """After all scenarios and a few idle seconds."""
    megabytes_peak: float = 0.0
    asides: list[str] = field(default_factory=list)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; the first to the left, the others to the right."""
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
    lines = [
        " | ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in [head, *rows]
    ]
    rule = "-|-".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])


def verdict(row: Row) -> str:
    """`ok`, or what is over its goal."""
    if row.api.errors or row.bare.errors:
        return "ERRORS"
    scenario = row.scenario
    over = []
    if scenario.goal_us is not None and _counted_us(row) > scenario.goal_us:
        over.append("CPU")
    if scenario.goal_ratio is not None and row.ratio > scenario.goal_ratio:
        over.append("ratio")
    # The look-up of a caller who was not seen for four seconds is in no request's share.
    if scenario.goal_trips is not None and row.trips is not None and round(row.trips) > scenario.goal_trips:
        over.append("trips")
    return f"over: {', '.join(over)}" if over else "ok"


def _counted_us(row: Row) -> float:
    """What the goal is about: for login, all but the hash."""
    return row.api.server_us - row.bare.server_us if row.is_login else row.api.server_us


def _goal(scenario: Scenario) -> str:
    parts = []
    if scenario.goal_us is not None:
        parts.append(f"≤ hash + {scenario.goal_us}" if scenario.name == "login" else f"≤ {scenario.goal_us}")
    if scenario.goal_ratio is not None:
        parts.append(f"≤ {scenario.goal_ratio:g}{_TIMES}")
    if scenario.goal_trips is not None:
        parts.append(f"≤ {scenario.goal_trips} trips")
    return ", ".join(parts)


def main_table(size: Size) -> str:
    head = (
        *("scenario", "rps", "p50 ms", "p99 ms", "API µs", "PG µs", "trips"),
        *("bare rps", "bare µs", "ratio", "goal", "verdict"),
    )
    return table(head, [_cells(row) for row in size.rows])


def _cells(row: Row) -> list[str]:
    api, bare = row.api, row.bare
    return [
        row.scenario.name,
        f"{api.per_second:,.0f}",
        f"{api.p50_ms:.1f}",
        f"{api.p99_ms:.1f}",
        f"{api.server_us:,.0f}",
        f"{api.postgres_us:,.0f}",
        "" if row.trips is None else f"{row.trips:.2f}",
        f"{bare.per_second:,.0f}",
        f"{bare.server_us:,.0f}",
        f"{row.ratio:.2f}",
        _goal(row.scenario),
        verdict(row),
    ]


def process_lines(size: Size) -> list[str]:
    """Memory and start."""
    return [
        _against("API process, resident, after all scenarios, idle", size.megabytes, RSS_GOAL_MB, "MB"),
        f"API process, resident: fresh {size.megabytes_fresh:.0f} MB, at its peak {size.megabytes_peak:.0f} MB",
        _against("start to ready", size.seconds_to_ready, START_GOAL_SECONDS, "s"),
        *size.asides,
    ]


def growth_table(small: Size, large: Size) -> str:
    """The large database against the small one."""
    of_small = {row.scenario.name: row for row in small.rows}
    rows = []
    for row in large.rows:
        before = of_small[row.scenario.name].api
        api = row.api.server_us / before.server_us
        both = (row.api.server_us + row.api.postgres_us) / (before.server_us + before.postgres_us)
        said = "ok" if api <= GROWTH_GOAL else "over"
        rows.append([row.scenario.name, f"{api:.2f}", f"{both:.2f}", f"≤ {GROWTH_GOAL}{_TIMES}", said])
    return table(("scenario", f"API CPU {_TIMES}", f"API + PG CPU {_TIMES}", "goal (API)", "verdict"), rows)


def pgbench_table(rates: Sequence[Rate]) -> str:
    return table(
        ("pgbench", "per second", "PG µs"), [[r.name, f"{r.per_second:,.0f}", f"{r.postgres_us:,.0f}"] for r in rates]
    )


def examples(size: Size) -> list[str]:
    """What went wrong, one line a scenario."""
    return [
        f"{row.scenario.name}: {row.api.errors} errors ({row.api.example}), bare {row.bare.errors} ({row.bare.example})"
        for row in size.rows
        if row.api.errors or row.bare.errors
    ]


def _against(name: str, value: float, goal: float, unit: str) -> str:
    return f"{name}: {value:.4g} {unit} (goal ≤ {goal:g} {unit}: {'ok' if value <= goal else 'over'})"
