"""What is asked of the server: each scenario is a generator of requests for one connection, sent their answers."""

import itertools
import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from benchmarks.connection import Answer, request
from benchmarks.dataset import PASSWORD, USERNAME, rare_word, task_id

Script = Generator[bytes, Answer, None]
_OWN_TASKS = 10
_POSTED_TO = 10
MOST_CONNECTIONS = 32
PAGE = 10


@dataclass(frozen=True, slots=True)
class World:
    """What a script must know of the server and of the data in it."""

    tasks: int
    project_ids: tuple[str, ...]
    empty_project_id: str
    token: str
    caller_id: str
    cursor: str = ""
    """Opens the page that begins after four fifths of the long list."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, fields: dict[str, Any]) -> Self:
        return cls(**{**fields, "project_ids": tuple(fields["project_ids"])})


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    statuses: tuple[int, ...]
    """Of its answers; any other is an error."""
    script: Callable[[World, int], Script]
    """Called with the number of the connection."""
    most_connections: int = MOST_CONNECTIONS
    counted: int = 320
    """Requests whose round trips are counted."""
    sampled: int = 10
    """Requests whose statements are taken down."""


def task_list(project_id: str, extra: str = "") -> str:
    return f"/api/v1/projects/{project_id}/tasks?status=todo&sort=-created_at&limit=50{extra}"


# What people ask of many tasks; each a text by which its statements are found again, for all that it names is fixed.
_SEARCH = "/api/v1/search?type=task&limit=50&q="
SEARCHING = 8
"""Connections, at most."""
SEARCHES: dict[str, Callable[[Sequence[str]], str]] = {
    "search": lambda _: f"{_SEARCH}deploy+draft",
    "search-rare": lambda _: f"{_SEARCH}{rare_word(0)}+migra",
    "filter": lambda projects: (
        f"/api/v1/projects/{projects[0]}/tasks?filter=status:todo+priority:%3E=high+label:crash&limit=50"
    ),
    "mine": lambda _: "/api/v1/tasks?assignee=me&open=true&sort=due&limit=50",
}
"""By the name of their scenario; called with the ids of the projects."""


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


def _post(projects: int) -> Callable[[World, int], Script]:
    """New tasks, in so many projects; in one, all connections wait for the row that counts its tasks."""

    def script(world: World, index: int) -> Script:
        target = f"/api/v1/projects/{world.project_ids[index % projects]}/tasks"
        number = 0
        while True:
            number += 1
            body = {"title": f"Task {number} of connection {index}", "description": "As long as a line or two of text."}
            yield request("POST", target, body, token=world.token)

    return script


def _patch(place: int, change: Callable[[int, int], dict[str, Any]]) -> Callable[[World, int], Script]:
    """Changes tasks that no other connection and no other place touches, always naming the version it has seen.

    `change` is called with the number of the round and one that no other run has; no two rounds may change to the same,
    or nothing would be written.
    """

    def script(world: World, index: int) -> Script:
        first = (place * MOST_CONNECTIONS + index) * _OWN_TASKS
        tags = dict.fromkeys([task_id(n) for n in range(first, first + _OWN_TASKS)], "*")
        of_run = random.randrange(1_000_000)
        for number in itertools.count():
            for task, tag in tags.items():
                answer = yield request(
                    "PATCH",
                    f"/api/v1/tasks/{task}",
                    change(number, of_run),
                    token=world.token,
                    headers={"if-match": tag},
                )
                tags[task] = (answer.header(b"etag") or b"*").decode()

    return script


def _status(number: int, of_run: int) -> dict[str, Any]:
    """To the backlog first, where no run leaves a task, and then to and fro."""
    del of_run
    return {"status": ("todo", "in_progress")[number % 2] if number else "backlog"}


_LIST = _repeat(lambda world: task_list(world.project_ids[0]))
_POST = _post(_POSTED_TO)
_PATCH_TITLE = _patch(0, lambda number, of_run: {"title": f"Title {of_run + number}"})
_PATCH_ESTIMATE = _patch(1, lambda number, of_run: {"estimate": 1000.25 + (of_run + number) % 1000})
_PATCH_STATUS = _patch(2, _status)
_MIXTURE = ((_get, 50), (_LIST, 25), (_POST, 10), (_PATCH_TITLE, 5), (_PATCH_STATUS, 5), (_PATCH_ESTIMATE, 5))


def _mixed(world: World, index: int) -> Script:
    """Reads, lists, new tasks and changes in this mixture, in an order by chance."""
    chance = random.Random(index)
    scripts = [script(world, index) for script, _ in _MIXTURE]
    waiting = [next(script) for script in scripts]
    while True:
        (which,) = chance.choices(range(len(scripts)), [share for _, share in _MIXTURE])
        answer = yield waiting[which]
        waiting[which] = scripts[which].send(answer)


def _login(world: World, index: int) -> Script:
    del world, index
    raw = request("POST", "/api/v1/auth/login", {"username": USERNAME, "password": PASSWORD})
    while True:
        yield raw


def _of_project(extra: str) -> Callable[[World, int], Script]:
    return _repeat(lambda world: task_list(world.project_ids[0], extra.format(cursor=world.cursor)))


def _searches(name: str) -> Scenario:
    target = SEARCHES[name]
    return Scenario(
        name, (200,), _repeat(lambda world: target(world.project_ids)), most_connections=SEARCHING, counted=64
    )


_CHANGES_SAMPLED = 6 * _OWN_TASKS  # the first rounds may find nothing to change

SCENARIOS = (
    Scenario("GET", (200,), _get),
    Scenario("list", (200,), _LIST),
    Scenario("list-deep", (200,), _of_project("&cursor={cursor}")),
    Scenario("list-page", (200,), _of_project(f"&page={PAGE}")),
    Scenario("list-empty", (200,), _repeat(lambda world: task_list(world.empty_project_id))),
    Scenario("POST", (201,), _POST),
    Scenario("POST-one", (201,), _post(1)),
    Scenario("PATCH", (200,), _PATCH_TITLE, sampled=_CHANGES_SAMPLED),
    Scenario("PATCH-estimate", (200,), _PATCH_ESTIMATE, sampled=_CHANGES_SAMPLED),
    # Three rounds: where two runs end in their first, the second of them changes nothing.
    Scenario(
        "PATCH-status", (200,), _PATCH_STATUS, counted=3 * MOST_CONNECTIONS * _OWN_TASKS, sampled=_CHANGES_SAMPLED
    ),
    *(_searches(name) for name in SEARCHES),
    # Beyond a queue of two seconds the service answers 503, and a hash takes 20 ms.
    Scenario("login", (200,), _login, most_connections=8, counted=64, sampled=5),
)
MIXED = Scenario("mixed", (200, 201), _mixed, sampled=0)
MIXED_OF = frozenset({"GET", "list", "POST", "PATCH", "PATCH-estimate", "PATCH-status"})
"""The scenarios whose requests the mixed load sends."""
BY_NAME = {scenario.name: scenario for scenario in (*SCENARIOS, MIXED)}
