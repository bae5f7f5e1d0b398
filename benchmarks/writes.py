"""What a change of a task costs PostgreSQL: CPU, bytes of its log (WAL), and whether the indexes were left alone (HOT).

pgbench sends the statements that the service sends, to a task by chance, over and over. Full-page images are off
meanwhile: how many there are depends on when the last checkpoint was, and not on the change.
"""

from dataclasses import dataclass

import asyncpg
import uvloop

from benchmarks import pgbench
from benchmarks.captured import Captured
from benchmarks.laboratory import Filled, plain, signed_in
from benchmarks.scenarios import BY_NAME

CLIENTS = 8
# A status is set and set back, so that each of the two changes something.
CHANGES = {
    "estimate": ("PATCH estimate",),
    "title": ("PATCH title",),
    "status": ("PATCH status=in_progress", "PATCH status=todo"),
}
_SCENARIOS = [BY_NAME[name] for name in ("PATCH-estimate", "PATCH", "PATCH-status")]
_LEAST_CHANGED = 0.9
"""Of the changes that were asked for; the others are a status that two clients set at once."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one change."""

    what: str
    per_second: float
    postgres_us: float
    wal_bytes: float
    hot_share: float
    """Of the changes, those that wrote to no index of the tasks."""


@dataclass(frozen=True, slots=True)
class _Counts:
    wal: int
    updates: int
    hot: int


def costs(filled: Filled, seconds: float) -> list[Cost]:
    with filled.listening() as ear:
        world = uvloop.run(signed_in(ear.port, filled.dataset))
        taken = uvloop.run(ear.take_down(world, _SCENARIOS))
    uvloop.run(_full_page_writes(filled, "off"))
    found = [_cost(filled, taken, what, seconds) for what in CHANGES]
    uvloop.run(_full_page_writes(filled, "on"))
    return found


def _cost(filled: Filled, taken: Captured, what: str, seconds: float) -> Cost:
    requests = [taken[form] for form in CHANGES[what]]
    script = pgbench.script(filled.dataset, requests)
    before = uvloop.run(_counts(filled))
    rate = pgbench.run(filled.postgres, filled.database, what, script, seconds, CLIENTS)
    after = uvloop.run(_counts(filled))
    changes, updates = rate.transactions * len(requests), after.updates - before.updates
    if updates < changes * _LEAST_CHANGED:
        raise RuntimeError(f"{what}: of {changes} changes only {updates} changed something")
    return Cost(
        what=what,
        per_second=rate.per_second * len(requests),
        postgres_us=rate.postgres_us / len(requests),
        wal_bytes=(after.wal - before.wal) / changes,
        hot_share=(after.hot - before.hot) / updates,
    )


async def _counts(filled: Filled) -> _Counts:
    connection = await asyncpg.connect(plain(filled.url))
    row = await connection.fetchrow(
        "SELECT pg_current_wal_insert_lsn() - '0/0' AS wal, n_tup_upd AS updates, n_tup_hot_upd AS hot"
        " FROM pg_stat_user_tables WHERE relname = 'tasks'"
    )
    await connection.close()
    return _Counts(int(row["wal"]), row["updates"], row["hot"])


async def _full_page_writes(filled: Filled, setting: str) -> None:
    connection = await asyncpg.connect(plain(filled.url))
    await connection.execute(f"ALTER SYSTEM SET full_page_writes = {setting}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute("CHECKPOINT")
    await connection.close()
