"""The short form: workers are killed while they work, and every job has its effect once."""

from tests.chaos import trial
from tests.chaos.trial import Plan


async def test_every_effect_happens_once_however_many_workers_are_killed(database_url: str) -> None:
    outcome = await trial.run(database_url, Plan(jobs=300, kills=5, workers=2, heartbeat=2, patience=60))
    assert outcome.exactly_once, outcome.table()
    assert outcome.kills == 5
