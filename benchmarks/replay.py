"""Plays issues of a real tracker through the public API, then holds tasks and change log against the file.

`python -m benchmarks.replay FILE`, where FILE has the lines that `tracker.py` describes; without it, invented ones.
What the file says that cannot be so is bent by `tracker.py`, and counted at the end.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks import comparison, invented, report, tracker, values
from benchmarks.comparison import Comparison
from benchmarks.player import Phase, Player
from benchmarks.servers import API, environment, serving
from benchmarks.tracker import History
from taskapi.core.db import migrations
from taskapi.embedded import DURABLE, EmbeddedServer, ensure_database, start

_DATABASE = "replay"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Replayed:
    player: Player
    comparison: Comparison

    @property
    def is_wrong(self) -> bool:
        return bool(self.player.refused or self.comparison.mismatches)


def replay(
    postgres: EmbeddedServer, directory: Path, file: Path | None, statuses: Mapping[str, str] | None = None
) -> bool:
    """Play into a database of its own and print what came of it; whether anything was not as it must be."""
    history = tracker.understand(tracker.read(file) if file else invented.lines(), statuses)
    replayed = play(postgres, directory, history)
    _print(replayed)
    return replayed.is_wrong


def play(postgres: EmbeddedServer, directory: Path, history: History, database: str = _DATABASE) -> Replayed:
    url = postgres.url(database)
    asyncio.run(_prepare(postgres, database))
    with serving(API, environment(url), directory) as served:
        player, compared = Player(history, served.port), Comparison()
        uvloop.run(_play(player, compared))
    compared.log(player, asyncio.run(comparison.read_log(url)))
    return Replayed(player, compared)


async def _play(player: Player, compared: Comparison) -> None:
    await player.play()
    await player.phase("check", [compared.check(player, issue) for issue in player.told_issues])


async def _prepare(postgres: EmbeddedServer, database: str) -> None:
    await ensure_database(postgres, database)
    await migrations.upgrade(postgres.url(database))


def _print(replayed: Replayed) -> None:
    player, compared, history = replayed.player, replayed.comparison, replayed.player.history
    counts = {"people": len(history.people), "projects": len(history.owners), **history.told}
    print("In the file: " + ", ".join(f"{count:,} {thing}" for thing, count in counts.items()))
    print("Played: " + ", ".join(f"{count:,} {thing}" for thing, count in player.played.items()) + "\n")
    rest = Phase(
        "all but people",
        sum(phase.seconds for phase in player.phases[1:]),
        [latency for phase in player.phases[1:] for latency in phase.latencies],
    )
    rows = [_cells(phase) for phase in [*player.phases, rest]]
    print(report.table(("phase", "requests", "seconds", "per second", "p50 ms", "p99 ms"), rows) + "\n")
    rows = [[thing, f"{count:,}", f"{compared.different[thing]}"] for thing, count in compared.compared.items()]
    print(report.table(("held against the file", "compared", "tasks or kinds that differ"), rows))
    print(f"\n- made again after a 503 that said so: {player.repeats}")
    print(f"- mismatches: {len(compared.mismatches)}; refused: {len(player.refused)}")
    for complaint in [*player.refused[:_SHOWN], *compared.mismatches[:_SHOWN]]:
        print(f"  - {complaint}")
    for oddity, count in history.oddities.most_common():
        print(f"- {oddity}: {count}")


def _cells(phase: Phase) -> list[str]:
    latencies = sorted(phase.latencies)
    count = len(latencies)
    middle, late = latencies[count // 2], latencies[count * 99 // 100]
    figures = (f"{phase.seconds:.1f}", f"{count / phase.seconds:,.0f}", f"{middle * 1000:.1f}", f"{late * 1000:.1f}")
    return [phase.name, f"{count:,}", *figures]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--status",
        type=_mapping,
        action="append",
        default=[],
        metavar="THEIRS=ours",
        help=f'"Received=todo": what a status of the file is to be, of {", ".join(values.STATUSES)}; may be repeated',
    )


def _mapping(text: str) -> tuple[str, str]:
    theirs, _, ours = text.rpartition("=")
    if not theirs or ours not in values.STATUSES:
        raise argparse.ArgumentTypeError(f"{text} does not end in = and one of {', '.join(values.STATUSES)}")
    return theirs, ours


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="?", help="NDJSON, gzipped or not; else an invented set")
    add_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="taskapi-replay-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with start(directory / "postgres", DURABLE) as postgres:
            return int(replay(postgres, directory, options.file, dict(options.status)))


if __name__ == "__main__":
    sys.exit(main())
