"""`make chaos`: a hundred workers killed over ten thousand jobs, on a database of its own; exit 1 if it went wrong."""

import argparse
import asyncio
import sys

from tests.chaos import trial
from tests.chaos.trial import Plan
from tests.support import databases

_LONGEST_REDELIVERY = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill workers while they work, and count what came of their jobs.")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--workers", type=int, default=3, help="that live at the same time")
    parser.add_argument("--heartbeat", type=float, default=20, help="seconds of silence after which one is dead")
    parser.add_argument("--patience", type=float, default=900, help="seconds for all of it")
    plan = Plan(**vars(parser.parse_args()))
    with databases.admin_url() as url, databases.template(url) as template:
        outcome = asyncio.run(trial.run(template.url(template.name), plan))
    sys.stdout.write(f"{outcome.table()}\n")
    if outcome.exactly_once and outcome.worst < _LONGEST_REDELIVERY:
        return 0
    sys.stdout.write("Not every effect happened once, or some came late.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
