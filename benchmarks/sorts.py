"""What a first page costs PostgreSQL in every order that the service offers, in a small and in a large project."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import asyncpg
import uvloop

from benchmarks import pgbench
from benchmarks.captured import Ear, Sent
from benchmarks.connection import Client, request
from benchmarks.laboratory import Filled, plain, signed_in

REPEATS = 7
DEFAULT = "default"
_LIST = "/api/v1/projects/{project}/tasks"


@dataclass(frozen=True, slots=True)
class Order:
    """A page of a project with so many tasks, in this order."""

    sort: str
    tasks: int
    milliseconds: float
    """Of execution, the median."""


def orders(filled: Filled) -> list[Order]:
    """Of the two projects of `dataset.thirds`, the smaller first."""
    sizes = uvloop.run(_sizes(filled))
    with filled.listening() as ear:
        return uvloop.run(_orders(ear, filled, sizes))


async def _orders(ear: Ear, filled: Filled, sizes: dict[str, int]) -> list[Order]:
    world = await signed_in(ear.port, filled.dataset)
    client, connection = await Client.open(ear.port), await asyncpg.connect(plain(filled.url))
    await connection.execute("SET jit = off")
    found = []
    for project, tasks in sorted(sizes.items(), key=lambda item: item[1]):
        for sort in await _offered(client):
            query = "" if sort == DEFAULT else f"&sort={sort}"
            raw = request("GET", f"{_LIST.format(project=project)}?limit=50{query}", token=world.token)
            await client.send(raw)  # looks the caller up
            answer, sent = await ear.hear(client, raw)
            if answer.status != 200:
                raise RuntimeError(f"sort={sort} answered {answer.status}: {answer.body[:300]!r}")
            found.append(Order(sort, tasks, await _milliseconds(connection, sent)))
    client.close()
    await connection.close()
    return found


async def _offered(client: Client) -> list[str]:
    """No order, and each that the contract names, both ways."""
    contract = (await client.send(request("GET", "/openapi.json"))).json()
    parameters = contract["paths"][_LIST]["get"]["parameters"]
    (pattern,) = [one["schema"]["pattern"] for one in parameters if one["name"] == "sort"]
    names = re.search(r"\(([a-z_|]+)\)", pattern)
    if names is None:
        raise RuntimeError(f"{pattern} names no sorts")
    return [DEFAULT, *(direction + name for name in names[1].split("|") for direction in ("", "-"))]


async def _milliseconds(connection: asyncpg.Connection, sent: Sequence[Sent]) -> float:
    """Of all statements of a request together."""
    statements = [pgbench.plain(one) for one in sent]
    return median([sum([await _executed(connection, one) for one in statements]) for _ in range(REPEATS)])


async def _executed(connection: asyncpg.Connection, statement: str) -> float:
    text = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
    milliseconds: float = json.loads(text)[0]["Execution Time"]
    return milliseconds


async def _sizes(filled: Filled) -> dict[str, int]:
    connection = await asyncpg.connect(plain(filled.url))
    rows = await connection.fetch(
        "SELECT project_id::text AS id, count(*) AS tasks FROM tasks WHERE project_id = any($1) GROUP BY project_id",
        list(filled.dataset.project_ids[:2]),
    )
    await connection.close()
    return {row["id"]: row["tasks"] for row in rows}
