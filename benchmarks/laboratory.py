"""One PostgreSQL, and in it a filled database with the service and the bare program in front of it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from urllib.parse import quote

import asyncpg
import uvloop

from benchmarks.connection import Client, request
from benchmarks.dataset import PASSWORD, USERNAME, Dataset, load
from benchmarks.driver import Job, Measured
from benchmarks.processes import resident_megabytes
from benchmarks.round_trips import counting
from benchmarks.scenarios import Scenario, World, task_list
from benchmarks.servers import API, BARE, Driver, NotServing, Served, environment, serving
from taskapi.core.db import migrations
from taskapi.embedded import EmbeddedServer, ensure_database


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to look at each scenario, and how often, the two programs taking turns."""

    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Side:
    """One program in front of the data."""

    served: Served
    world: World


@dataclass(frozen=True, slots=True)
class Bench:
    """A filled database and the programs that serve it."""

    postgres: EmbeddedServer
    database: str
    dataset: Dataset
    driver: Driver
    directory: Path
    api: Side
    bare: Side

    @property
    def api_megabytes(self) -> float:
        return resident_megabytes(self.api.served.pid)

    @property
    def api_megabytes_peak(self) -> float:
        return resident_megabytes(self.api.served.pid, peak=True)

    def compare(self, scenario: Scenario, pace: Pace) -> tuple[Measured, Measured]:
        """The service and the bare program, the median of their rounds, which alternate so that noise hits both."""
        rounds = [
            (self._run(self.bare, scenario, pace), self._run(self.api, scenario, pace)) for _ in range(pace.rounds)
        ]
        return _median([api for _, api in rounds]), _median([bare for bare, _ in rounds])

    def with_settings(self, scenario: Scenario, pace: Pace, target: str = API, **settings: str) -> Measured:
        """A program started for this alone, under other settings."""
        side = self.bare if target == BARE else self.api
        with serving(target, environment(self.url, **settings), self.directory) as served:
            return _median([self._run(replace(side, served=served), scenario, pace) for _ in range(pace.rounds)])

    def round_trips(self, scenarios: list[Scenario]) -> dict[str, float]:
        """Per request, of a server that reaches PostgreSQL through a counting proxy."""
        socket_name = ".s.PGSQL.5432"
        with counting(self.postgres.socket_dir / socket_name, self.directory / socket_name) as proxy:
            url = f"postgresql://postgres@/{self.database}?host={quote(str(self.directory))}&port=5432"
            with serving(API, environment(url), self.directory) as served:
                side = replace(self.api, served=served)
                found = {}
                for scenario in scenarios:
                    self._run_counted(side, scenario)  # prepares the statements on every connection of the pool
                    before = proxy.trips
                    answered = self._run_counted(side, scenario)
                    found[scenario.name] = (proxy.trips - before) / answered
                return found

    @property
    def url(self) -> str:
        return self.postgres.url(self.database)

    def _run(self, side: Side, scenario: Scenario, pace: Pace) -> Measured:
        return self.driver.run(
            Job(
                scenario=scenario.name,
                port=side.served.port,
                world=side.world.as_json(),
                seconds=pace.seconds,
                server=side.served.pid,
                postgres=self.postgres.pid,
            )
        )

    def _run_counted(self, side: Side, scenario: Scenario) -> int:
        measured = self.driver.run(
            Job(
                scenario=scenario.name,
                port=side.served.port,
                world=side.world.as_json(),
                seconds=20,
                server=side.served.pid,
                postgres=self.postgres.pid,
                warm_up=0,
                max_requests=scenario.counted,
            )
        )
        return measured.requests


@contextmanager
def filled(postgres: EmbeddedServer, driver: Driver, directory: Path, tasks: int) -> Iterator[Bench]:
    """A database of its own with so many tasks."""
    database = f"bench_{tasks}"
    dataset = asyncio.run(_fill(postgres, database, tasks))
    variables = environment(postgres.url(database))
    with serving(API, variables, directory) as api, serving(BARE, variables, directory) as bare:
        here, there = uvloop.run(_worlds(api, dataset, postgres.url(database)))
        yield Bench(postgres, database, dataset, driver, directory, Side(api, here), Side(bare, there))


async def _fill(postgres: EmbeddedServer, database: str, tasks: int) -> Dataset:
    await ensure_database(postgres, database)
    await migrations.upgrade(postgres.url(database))
    connection = await asyncpg.connect(_plain(postgres.url(database)))
    try:
        return await load(connection, tasks)
    finally:
        await connection.close()


async def _worlds(api: Served, dataset: Dataset, url: str) -> tuple[World, World]:
    """What the service's scripts, and those of the bare program, need to know."""
    client = await Client.open(api.port)
    answer = await client.send(request("POST", "/api/v1/auth/login", {"username": USERNAME, "password": PASSWORD}))
    if answer.status != 200:
        raise NotServing(f"cannot sign in: {answer.body.decode()}")
    world = World(
        tasks=dataset.tasks,
        project_ids=tuple(str(project) for project in dataset.project_ids),
        empty_project_id=str(dataset.empty_project_id),
        token=answer.json()["access_token"],
    )
    connection = await asyncpg.connect(_plain(url))
    pages = await connection.fetchval(
        "SELECT count(*) * 4 / 5 / 200 FROM tasks WHERE project_id = $1 AND status = 'todo'", dataset.project_ids[0]
    )
    position = await connection.fetchrow(
        "SELECT created_at::text, id::text FROM tasks WHERE project_id = $1 AND status = 'todo'"
        " ORDER BY created_at DESC, id DESC OFFSET $2 - 1 LIMIT 1",
        *(dataset.project_ids[0], pages * 200),
    )
    await connection.close()
    cursor = await _walk(client, world, pages)
    client.close()
    return replace(world, cursor=cursor), replace(world, cursor=quote(json.dumps(list(position))))


async def _walk(client: Client, world: World, pages: int) -> str:
    """The cursor after so many pages of 200."""
    target, cursor = task_list(world.project_ids[0]).replace("limit=50", "limit=200"), ""
    for _ in range(pages):
        answer = await client.send(request("GET", target + (f"&cursor={cursor}" if cursor else ""), token=world.token))
        cursor = answer.json()["next_cursor"]
    return cursor


def _plain(url: str) -> str:
    """As asyncpg reads it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


def _median(rounds: list[Measured]) -> Measured:
    def of(name: str) -> float:
        return median(float(getattr(measured, name)) for measured in rounds)

    return Measured(
        requests=sum(measured.requests for measured in rounds),
        per_second=of("per_second"),
        p50_ms=of("p50_ms"),
        p99_ms=of("p99_ms"),
        server_us=of("server_us"),
        postgres_us=of("postgres_us"),
        errors=sum(measured.errors for measured in rounds),
        example=next((measured.example for measured in rounds if measured.example), ""),
    )
