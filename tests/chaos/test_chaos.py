"""The short forms: what is killed while it works loses nothing, and does nothing twice."""

from pathlib import Path

from tests.chaos import trial, writes
from tests.chaos.trial import Plan


async def test_every_effect_happens_once_however_many_workers_are_killed(database_url: str) -> None:
    outcome = await trial.run(database_url, Plan(jobs=300, kills=5, workers=2, heartbeat=2, patience=60))
    assert outcome.exactly_once, outcome.table()
    assert outcome.kills == 5


async def test_what_a_client_was_told_stands_whatever_is_killed(tmp_path: Path) -> None:
    outcome = await writes.run(tmp_path, writes.Plan(kills=4, writers=3))
    assert not outcome.faults, outcome.table()
    assert sum(outcome.killed.values()) == 4
    assert outcome.acknowledged > 20
