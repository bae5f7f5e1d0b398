"""What is asked of the server: each scenario is a generator of requests for one connection, sent their answers."""

import random
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from typing import Any, Self

from benchmarks.connection import Answer, request
from benchmarks.dataset import PASSWORD, USERNAME, task_id

Script = Generator[bytes, Answer, None]
_OWN_TASKS = 20
PAGE = 10


@dataclass(frozen=True, slots=True)
class World:
    """What a script must know of the server and of the data in it."""

    tasks: int
    project_ids: tuple[str, ...]
    empty_project_id: str
    token: str
    cursor: str = ""
    """Opens the page that begins after four fifths of the long list; each server has its own form of it."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, fields: dict[str, Any]) -> Self:
        return cls(**{**fields, "project_ids": tuple(fields["project_ids"])})


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    status: int
    """Of every answer; any other is an error."""
    script: Callable[[World, int], Script]
    """Called with the number of the connection."""
    goal_us: int | None = None
    """API CPU per request; for login, over what the hash costs."""
    goal_ratio: float | None = None
    """API CPU over that of the bare program."""
    goal_trips: int | None = None
    connections: int = 32
    counted: int = 320
    """Requests whose round trips are counted."""


def task_list(project_id: str, extra: str = "") -> str:
    return f"/api/v1/projects/{project_id}/tasks?status=todo&sort=-created_at&limit=50{extra}"


def _get(world: World, index: int) -> Script:
    chance = random.Random(index)
    while True:
        yield request("GET", f"/api/v1/tasks/{task_id(chance.randrange(world.tasks))}", token=world.token)


def _repeat(target: Callable[[World], str]) -> Callable[[World, int], Script]:
    def script(world: World, index: int) -> Script:
        del index
        raw = request("GET", target(world), token=world.token)
        while True:
            yield raw

    return script


def _post(world: World, index: int) -> Script:
    project = world.project_ids[index % len(world.project_ids)]
    target = f"/api/v1/projects/{project}/tasks"
    number = 0
    while True:
        number += 1
        body = {"title": f"Task {number} of connection {index}", "description": "As long as a line or two of text."}
        yield request("POST", target, body, token=world.token)


def _patch(world: World, index: int) -> Script:
    """Changes titles of tasks that no other connection touches, always naming the version it has seen."""
    tasks = [task_id(n) for n in range(index * _OWN_TASKS, (index + 1) * _OWN_TASKS)]
    tags = dict.fromkeys(tasks, "*")
    number = random.randrange(1_000_000_000)
    while True:
        for task in tasks:
            number += 1
            body = {"title": f"Title {number}"}
            answer = yield request(
                "PATCH", f"/api/v1/tasks/{task}", body, token=world.token, headers={"if-match": tags[task]}
            )
            tags[task] = (answer.header(b"etag") or b"*").decode()


def _login(world: World, index: int) -> Script:
    del world, index
    raw = request("POST", "/api/v1/auth/login", {"username": USERNAME, "password": PASSWORD})
    while True:
        yield raw


SCENARIOS = (
    Scenario("GET", 200, _get, goal_us=250, goal_ratio=2, goal_trips=1),
    Scenario(
        "list", 200, _repeat(lambda world: task_list(world.project_ids[0])), goal_us=500, goal_ratio=2, goal_trips=1
    ),
    Scenario(
        "list-deep",
        200,
        _repeat(lambda world: task_list(world.project_ids[0], f"&cursor={world.cursor}")),
        goal_us=500,
        goal_ratio=2,
        goal_trips=1,
    ),
    # A numbered page carries the total, which is a statement of its own.
    Scenario("list-page", 200, _repeat(lambda world: task_list(world.project_ids[0], f"&page={PAGE}")), goal_trips=2),
    Scenario("list-empty", 200, _repeat(lambda world: task_list(world.empty_project_id)), goal_trips=2),
    Scenario("POST", 201, _post, goal_us=600, goal_ratio=3, goal_trips=5),
    Scenario("PATCH", 200, _patch, goal_us=600, goal_ratio=3, goal_trips=5),
    Scenario("login", 200, _login, goal_us=2000, connections=8, counted=64),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
