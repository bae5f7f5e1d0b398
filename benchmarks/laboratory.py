"""One PostgreSQL, and in it a filled database with the service and the bare program in front of it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from urllib.parse import quote

import asyncpg
import uvloop

from benchmarks import captured
from benchmarks.captured import Captured, Ear, listening
from benchmarks.connection import Client, request
from benchmarks.dataset import PASSWORD, USERNAME, Dataset, load, tenths
from benchmarks.driver import Job, Measured
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


class NothingAnswered(Exception):
    """None of a scenario's requests got the answer that it should, so that there is nothing to divide by."""

    def __init__(self, scenario: Scenario, measured: Measured, complaints: str) -> None:
        told = f"the first of {measured.errors} errors: {measured.example}" if measured.errors else "and none failed"
        super().__init__(f"{scenario.name}: no request was answered in time as it should be, {told}{complaints}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with tasks in it."""

    postgres: EmbeddedServer
    database: str
    dataset: Dataset
    directory: Path

    @property
    def url(self) -> str:
        return self.postgres.url(self.database)

    @contextmanager
    def listening(self) -> Iterator[Ear]:
        with listening(self.postgres, self.database, self.directory) as ear:
            yield ear


@dataclass(frozen=True, slots=True)
class Bench:
    """A filled database and the programs that serve it."""

    filled: Filled
    driver: Driver
    world: World
    statements: Captured
    api: Served
    bare: Served
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def telling_what_fails(self) -> Iterator[None]:
        """A scenario that fails says why, and the others go on."""
        try:
            yield
        except NothingAnswered as error:
            self.failures.append(str(error))
            print(f"\n- {error}", flush=True)

    def compare(self, scenario: Scenario, connections: int, pace: Pace) -> tuple[Measured, Measured]:
        """The service and the bare program, the median of their rounds, which alternate so that noise hits both."""
        rounds = [
            tuple(self.look(served, scenario, connections, pace.seconds) for served in (self.bare, self.api))
            for _ in range(pace.rounds)
        ]
        return _median([api for _, api in rounds]), _median([bare for bare, _ in rounds])

    def with_settings(self, scenario: Scenario, pace: Pace, target: str = API, **settings: str) -> Measured:
        """A program started for this alone, under other settings."""
        with serving(target, self._environment(**settings), self.filled.directory) as served:
            most = scenario.most_connections
            return _median([self.look(served, scenario, most, pace.seconds) for _ in range(pace.rounds)])

    def cost_of_settings(self, scenario: Scenario, pace: Pace, **settings: str) -> tuple[float, float]:
        """CPU of a request under other settings beyond its CPU without, and that: two services that take turns."""
        most, directory = scenario.most_connections, self.filled.directory
        with (
            serving(API, self._environment(), directory) as plainly,
            serving(API, self._environment(**settings), directory) as otherwise,
        ):
            rounds = [
                [self.look(one, scenario, most, pace.seconds).server_us for one in (plainly, otherwise)]
                for _ in range(pace.rounds)
            ]
        return median(more - less for less, more in rounds), median(less for less, _ in rounds)

    def round_trips(self, scenarios: Sequence[Scenario]) -> dict[str, float]:
        """Per request, of a server that reaches PostgreSQL through a counting proxy."""
        socket_name, directory = ".s.PGSQL.5432", self.filled.directory
        with counting(self.filled.postgres.socket_dir / socket_name, directory / socket_name) as proxy:
            url = f"postgresql://postgres@/{self.filled.database}?host={quote(str(directory))}&port=5432"
            with serving(API, environment(url), directory) as served:
                found = {}
                for scenario in scenarios:
                    with self.telling_what_fails():
                        self._run_counted(served, scenario)  # prepares the statements on every connection of the pool
                        before = proxy.trips
                        answered = self._run_counted(served, scenario)
                        found[scenario.name] = (proxy.trips - before) / answered
                return found

    def _environment(self, **settings: str) -> dict[str, str]:
        return environment(self.filled.url, TASKAPI_BENCH_STATEMENTS=str(_statements_file(self.filled)), **settings)

    def look(self, served: Served, scenario: Scenario, connections: int, seconds: float) -> Measured:
        """One of them, once. Raises NothingAnswered."""
        return self._run(served, scenario, self._job(served, scenario, connections, seconds))

    def _run_counted(self, served: Served, scenario: Scenario) -> int:
        job = self._job(served, scenario, scenario.most_connections, 20)
        return self._run(served, scenario, replace(job, warm_up=0, max_requests=scenario.counted)).requests

    def _run(self, served: Served, scenario: Scenario, job: Job) -> Measured:
        measured = self.driver.run(job)
        if measured.requests == 0:
            raise NothingAnswered(scenario, measured, served.complaints())
        return measured

    def _job(self, served: Served, scenario: Scenario, connections: int, seconds: float) -> Job:
        return Job(
            scenario=scenario.name,
            port=served.port,
            world=self.world.as_json(),
            seconds=seconds,
            server=served.pid,
            postgres=self.filled.postgres.pid,
            connections=connections,
            pauses=served.pauses,
        )


def fill(postgres: EmbeddedServer, directory: Path, tasks: int, project_of: Callable[[int], int] = tenths) -> Filled:
    """A database of its own with so many tasks."""
    database = f"bench_{tasks}"
    return Filled(postgres, database, asyncio.run(_fill(postgres, database, tasks, project_of)), directory)


@contextmanager
def serving_both(filled: Filled, driver: Driver, scenarios: Sequence[Scenario]) -> Iterator[Bench]:
    """The service, and the bare program with the statements that the service sends in these scenarios."""
    with filled.listening() as ear:
        world, statements = uvloop.run(_take_down(ear, filled, scenarios))
    _statements_file(filled).write_text(captured.to_json(statements))
    variables = environment(filled.url, TASKAPI_BENCH_STATEMENTS=str(_statements_file(filled)))
    with (
        serving(API, environment(filled.url), filled.directory) as api,
        serving(BARE, variables, filled.directory) as bare,
    ):
        yield Bench(filled, driver, world, statements, api, bare)


def _statements_file(filled: Filled) -> Path:
    return filled.directory / f"{filled.database}.json"


async def _take_down(ear: Ear, filled: Filled, scenarios: Sequence[Scenario]) -> tuple[World, Captured]:
    world = await signed_in(ear.port, filled.dataset)
    if any(scenario.name == "list-deep" for scenario in scenarios):
        world = replace(world, cursor=await _deep_cursor(ear.port, world, filled))
    return world, await ear.take_down(world, scenarios)


async def _fill(postgres: EmbeddedServer, database: str, tasks: int, project_of: Callable[[int], int]) -> Dataset:
    await ensure_database(postgres, database)
    await migrations.upgrade(postgres.url(database))
    connection = await asyncpg.connect(plain(postgres.url(database)))
    try:
        return await load(connection, tasks, project_of)
    finally:
        await connection.close()


async def signed_in(port: int, dataset: Dataset) -> World:
    client = await Client.open(port)
    answer = await client.send(request("POST", "/api/v1/auth/login", {"username": USERNAME, "password": PASSWORD}))
    client.close()
    if answer.status != 200:
        raise NotServing(f"cannot sign in: {answer.body.decode()}")
    return World(
        tasks=dataset.tasks,
        project_ids=tuple(str(project) for project in dataset.project_ids),
        empty_project_id=str(dataset.empty_project_id),
        token=answer.json()["access_token"],
        caller_id=str(dataset.user_id),
    )


async def _deep_cursor(port: int, world: World, filled: Filled) -> str:
    """After four fifths of the long list, in pages of 200."""
    connection = await asyncpg.connect(plain(filled.url))
    pages = await connection.fetchval(
        "SELECT count(*) * 4 / 5 / 200 FROM tasks WHERE project_id = $1 AND status = 'todo'",
        filled.dataset.project_ids[0],
    )
    await connection.close()
    client = await Client.open(port)
    target, cursor = task_list(world.project_ids[0]).replace("limit=50", "limit=200"), ""
    for _ in range(pages):
        answer = await client.send(request("GET", target + (f"&cursor={cursor}" if cursor else ""), token=world.token))
        cursor = answer.json()["next_cursor"]
    client.close()
    return cursor


def plain(url: str) -> str:
    """As asyncpg reads it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


def _median(rounds: list[Measured]) -> Measured:
    """Of each figure its median, but the longest pause of all."""

    def of(name: str) -> float:
        return median(float(getattr(measured, name)) for measured in rounds)

    longest = max(rounds, key=lambda measured: measured.pause_ms)
    return Measured(
        requests=sum(measured.requests for measured in rounds),
        per_second=of("per_second"),
        p50_ms=of("p50_ms"),
        p99_ms=of("p99_ms"),
        p999_ms=of("p999_ms"),
        pause_ms=longest.pause_ms,
        busy_ms=longest.busy_ms,
        server_us=of("server_us"),
        postgres_us=of("postgres_us"),
        driver_us=of("driver_us"),
        errors=sum(measured.errors for measured in rounds),
        example=next((measured.example for measured in rounds if measured.example), ""),
    )
