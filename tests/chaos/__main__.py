"""`make chaos`: everything killed under writes, then workers over ten thousand jobs; exit 1 if something went wrong."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos import trial, writes
from tests.chaos.trial import Plan
from tests.support import databases

_LONGEST_REDELIVERY = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill what works, and count what came of the work.")
    parser.add_argument("--write-kills", type=int, default=60, help="of the API, the worker and PostgreSQL")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100, help="of workers over these jobs")
    parser.add_argument("--workers", type=int, default=3, help="that live at the same time")
    parser.add_argument("--heartbeat", type=float, default=20, help="seconds of silence after which one is dead")
    parser.add_argument("--patience", type=float, default=300, help="seconds for all the jobs")
    options = vars(parser.parse_args())
    kills = options.pop("write_kills")
    # Both, whatever came of the first.
    return int(not all([_writes_stand(kills), _jobs_are_done_once(Plan(**options))]))


def _writes_stand(kills: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="taskapi-chaos-") as folder:
        outcome = asyncio.run(writes.run(Path(folder), writes.Plan(kills)))
    sys.stdout.write(f"{outcome.table()}\n\n")
    return not outcome.faults


def _jobs_are_done_once(plan: Plan) -> bool:
    with databases.admin_url() as url, databases.template(url) as template:
        outcome = asyncio.run(trial.run(template.url(template.name), plan))
    sys.stdout.write(f"{outcome.table()}\n")
    if outcome.exactly_once and outcome.worst < _LONGEST_REDELIVERY:
        return True
    sys.stdout.write("Not every effect happened once, or some came late.\n")
    return False


if __name__ == "__main__":
    sys.exit(main())
