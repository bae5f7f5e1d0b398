"""Whether words and phrases of real stories find their story, and what their documents cost.

`python -m benchmarks.findability FILE...`, where each FILE is a CSV with columns `title` and `description`. Of random
stories come random words, and two words that follow each other, as they stand there and in quotes; each is asked of
its own story, by the functions that the service searches with and by those it had before.
"""

import argparse
import csv
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import uvloop

from benchmarks.laboratory import plain
from taskapi.core.db import migrations
from taskapi.embedded import DURABLE, EmbeddedServer, ensure_database, start

_DATABASE = "findability"
_CELL = 10_000_000
_SHOWN = 5
_WORDS = re.compile(r"\w+")
_FUNCTIONS = {
    "before": ("task_search_document(title, description)", "websearch_to_tsquery('english', $2)"),
    "now": ("search_document(title, description)", "search_query($2)"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    kind: str
    query: str
    story: int


def stories(files: Iterable[Path]) -> list[tuple[str, str]]:
    csv.field_size_limit(_CELL)
    found = []
    for file in files:
        with file.open(newline="", encoding="utf-8") as lines:
            found += [(row["title"], row.get("description") or "") for row in csv.DictReader(lines)]
    return found


def queries(told: Sequence[tuple[str, str]], chance: random.Random, number: int) -> list[Asked]:
    asked: list[Asked] = []
    while len(asked) < 3 * number:
        story = chance.randrange(len(told))
        words = _WORDS.findall(" ".join(told[story]))
        if len(words) > 1:
            at = chance.randrange(len(words) - 1)
            phrase = f"{words[at]} {words[at + 1]}"[:198]
            asked += [Asked("word", words[at][:200], story), Asked("two words", phrase, story)]
            asked.append(Asked("phrase", f'"{phrase}"', story))
    return asked


async def measure(postgres: EmbeddedServer, told: Sequence[tuple[str, str]], asked: Sequence[Asked]) -> bool:
    """Whether 99 of 100 find their story."""
    await ensure_database(postgres, _DATABASE)
    await migrations.upgrade(postgres.url(_DATABASE))
    connection = await asyncpg.connect(plain(postgres.url(_DATABASE)))
    await connection.execute("CREATE TABLE stories (story integer PRIMARY KEY, title text, description text)")
    await connection.copy_records_to_table("stories", records=[(n, *texts) for n, texts in enumerate(told)])
    good = True
    for name, (document, query) in _FUNCTIONS.items():
        started = time.perf_counter()
        await connection.execute(f"CREATE TABLE {name} AS SELECT story, {document} AS document FROM stories")
        spent = (time.perf_counter() - started) / len(told) * 1e6
        await connection.execute(
            f"CREATE INDEX ON {name} USING gin (document); ALTER TABLE {name} ADD PRIMARY KEY (story)"
        )
        size = await connection.fetchval(f"SELECT pg_relation_size('{name}_document_idx') / 1024")
        print(f"{name}: {spent:.0f} µs a document, {size} KB of index for {len(told)} stories")
        finds = f"SELECT document @@ {query} FROM {name} WHERE story = $1"
        missed = [one for one in asked if not await connection.fetchval(finds, one.story, one.query)]
        for kind in dict.fromkeys(one.kind for one in asked):
            lost = [one.query for one in missed if one.kind == kind]
            total = sum(one.kind == kind for one in asked)
            print(f"  {kind}: {100 * (1 - len(lost) / total):.1f} % of {total}; not {lost[:_SHOWN]}")
            good = good and (name == "before" or len(lost) * 100 <= total)
    await connection.close()
    return good


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.findability", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="+", help="CSV with the columns title and description")
    parser.add_argument("--queries", type=int, default=1000, help="how many of each kind")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    told = stories(options.file)
    asked = queries(told, random.Random(options.seed), options.queries)
    with tempfile.TemporaryDirectory(prefix="taskapi-findability-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with start(directory / "postgres", DURABLE) as postgres:
            return 0 if uvloop.run(measure(postgres, told, asked)) else 1


if __name__ == "__main__":
    sys.exit(main())
