"""Figures as tables, and by name, as `budgets.toml` asks for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.budgets import Judged
from benchmarks.driver import Measured
from benchmarks.pgbench import Rate
from benchmarks.processes import Memory
from benchmarks.scenarios import Scenario
from benchmarks.sorts import Order
from benchmarks.writes import Cost

_TIMES = "\N{MULTIPLICATION SIGN}"
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Row:
    scenario: Scenario
    connections: int
    api: Measured
    bare: Measured

    @property
    def ratio(self) -> float:
        return _over(self.api.server_us, self.bare.server_us)


@dataclass(slots=True)
class Size:
    """All that was measured with so many tasks."""

    tasks: int
    rows: list[Row] = field(default_factory=list)
    trips: dict[str, float] = field(default_factory=dict)
    rates: list[Rate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Process:
    """What the API needs beside time."""

    fresh: Memory
    after: Memory
    """After all scenarios and some idle seconds."""
    seconds_to_ready: float


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


def rows_table(rows: Iterable[Row]) -> str:
    """The service, and beside it the bare program."""
    latency = ("rps", "p50 ms", "p99 ms", "p99.9 ms", "pause ms", "busy ms")
    head = (
        "scenario",
        *latency,
        "API µs",
        "PG µs",
        "load µs",
        *(f"bare {name}" for name in latency),
        "bare µs",
        "ratio",
    )
    return table(head, [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    api, bare = row.api, row.bare
    return [
        row.scenario.name,
        *_latencies(api),
        f"{api.server_us:,.0f}",
        f"{api.postgres_us:,.0f}",
        f"{api.driver_us:,.0f}",
        *_latencies(bare),
        f"{bare.server_us:,.0f}",
        f"{row.ratio:.2f}",
    ]


def _latencies(one: Measured) -> list[str]:
    figures = (one.p50_ms, one.p99_ms, one.p999_ms, one.pause_ms, one.busy_ms)
    return [f"{one.per_second:,.0f}", *(f"{figure:.1f}" for figure in figures)]


def trips_lines(size: Size) -> list[str]:
    found = ", ".join(f"{name} {trips:.2f}" for name, trips in size.trips.items())
    return [f"- round trips per request: {found}"] if found else []


def process_lines(process: Process) -> list[str]:
    """Memory and start."""
    fresh, after = process.fresh, process.after
    used = (
        f"{after.resident:.1f} MB resident, {after.proportional:.1f} MB proportional; at its peak {after.peak:.1f} MB"
    )
    return [
        f"- start to ready: {process.seconds_to_ready:.2f} s",
        f"- API process, fresh: {fresh.resident:.1f} MB resident, {fresh.proportional:.1f} MB proportional (PSS)",
        f"- API process, after all scenarios, idle: {used}",
    ]


def growth_table(small: Size, large: Size) -> str:
    """The large database against the small one."""
    rows = [[name, f"{api:.2f}", f"{both:.2f}"] for name, (api, both) in _growth(small, large).items()]
    return table(("scenario", f"API CPU {_TIMES}", f"API + PG CPU {_TIMES}"), rows)


def pgbench_table(rates: Sequence[Rate]) -> str:
    return table(
        ("pgbench", "per second", "PG µs"), [[r.name, f"{r.per_second:,.0f}", f"{r.postgres_us:,.0f}"] for r in rates]
    )


def writes_table(costs: Sequence[Cost]) -> str:
    head = ("change of", "per second", "PG µs", "WAL bytes", "HOT %")
    return table(
        head,
        [
            [c.what, f"{c.per_second:,.0f}", f"{c.postgres_us:,.0f}", f"{c.wal_bytes:,.0f}", f"{c.hot_share:.0%}"]
            for c in costs
        ],
    )


def orders_table(orders: Sequence[Order]) -> str:
    sizes = sorted({order.tasks for order in orders})
    found = {(order.sort, order.tasks): order.milliseconds for order in orders}
    sorts = list(dict.fromkeys(order.sort for order in orders))
    return table(
        ("sort", *(f"ms of {size:,}" for size in sizes)),
        [[sort, *(f"{found[sort, size]:.2f}" for size in sizes)] for sort in sorts],
    )


def budgets_table(judged: Sequence[Judged]) -> str:
    """Each budget, its worst figure, and whether it was reached."""
    rows = []
    for one in judged:
        worst = max(one.found, key=one.found.__getitem__, default="")
        unit = one.budget.unit
        said = f"{one.found[worst]:,.4g} {unit}".strip() if worst else ""
        rows.append([one.budget.what, f"≤ {one.budget.at_most:g} {unit}".strip(), said, worst, one.verdict])
    return table(("budget", "at most", "worst", "found at", "verdict"), rows)


def missed_lines(judged: Sequence[Judged]) -> list[str]:
    """What missed its budget, the worst first."""
    lines = []
    for one in judged:
        worst = sorted(one.missed.items(), key=lambda item: -item[1])
        named = ", ".join(f"{name} {value:,.4g}" for name, value in worst[:_MOST_NAMED])
        more = f" and {len(worst) - _MOST_NAMED} more" if len(worst) > _MOST_NAMED else ""
        if worst:
            lines.append(f"- {one.budget.what}: {len(worst)} of {len(one.found)} missed: {named}{more}")
    return lines


def examples(rows: Iterable[Row]) -> list[str]:
    """What went wrong, one line a scenario."""
    return [
        f"- {row.scenario.name}: {row.api.errors} errors ({row.api.example}), "
        f"bare {row.bare.errors} ({row.bare.example})"
        for row in rows
        if row.api.errors or row.bare.errors
    ]


def figures_of_rows(size: Size) -> dict[str, float]:
    found = {f"{size.tasks}/{name}/trips": trips for name, trips in size.trips.items()}
    for row in size.rows:
        place, api = f"{size.tasks}/{row.scenario.name}/{row.connections}", row.api
        found |= {
            f"{place}/ratio": row.ratio,
            f"{place}/cpu_us": api.server_us,
            f"{place}/over_bare_us": api.server_us - row.bare.server_us,
            f"{place}/p99_ms": api.p99_ms,
            f"{place}/p99_over_p50": _over(api.p99_ms, api.p50_ms),
            f"{place}/pause_ms": api.pause_ms,
        }
    return found


def figures_of_rates(size: Size) -> dict[str, float]:
    """CPU of a request, PostgreSQL's included, over what PostgreSQL needs of it for pgbench with as many clients."""
    served = {(row.scenario.name, row.connections): row.api.server_us + row.api.postgres_us for row in size.rows}
    return {
        f"{size.tasks}/{rate.name}/over_pgbench": _over(served[rate.name, rate.clients], rate.postgres_us)
        for rate in size.rates
        if (rate.name, rate.clients) in served
    }


def figures_of_growth(small: Size, large: Size) -> dict[str, float]:
    growth = _growth(small, large)
    return {
        f"growth/{name}/{kind}": value
        for name, pair in growth.items()
        for kind, value in zip(("api", "both"), pair, strict=True)
    }


def figures_of_process(process: Process) -> dict[str, float]:
    return {
        "memory/fresh_mb": process.fresh.resident,
        "memory/after_mb": process.after.resident,
        "start/seconds": process.seconds_to_ready,
    }


def figures_of_writes(costs: Sequence[Cost]) -> dict[str, float]:
    return {f"writes/{cost.what}/postgres_us": cost.postgres_us for cost in costs} | {
        f"writes/{cost.what}/wal_bytes": cost.wal_bytes for cost in costs
    }


def figures_of_orders(orders: Sequence[Order]) -> dict[str, float]:
    return {f"sorts/{order.tasks}/{order.sort}/ms": order.milliseconds for order in orders}


def _growth(small: Size, large: Size) -> dict[str, tuple[float, float]]:
    """Of each scenario, at the same number of connections: CPU of the API, and together with PostgreSQL's."""
    before = {(row.scenario.name, row.connections): row.api for row in small.rows}
    found = {}
    for row in large.rows:
        one = before.get((row.scenario.name, row.connections))
        if one is not None:
            both = _over(row.api.server_us + row.api.postgres_us, one.server_us + one.postgres_us)
            found[row.scenario.name] = _over(row.api.server_us, one.server_us), both
    return found


def _over(value: float, base: float) -> float:
    return value / base if base else 0.0
