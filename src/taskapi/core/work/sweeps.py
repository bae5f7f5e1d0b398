"""Sweeps: what happens by itself at an interval, one at a time however many workers there are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.session import DbSession


@dataclass(frozen=True, slots=True)
class Sweep:
    """`run` does one step in its own transaction; a true answer says that there may be more, and it runs again."""

    name: str
    every: timedelta
    run: Callable[[DbSession], Awaitable[object]]


async def run_to_its_end(database: Database, sweep: Sweep) -> None:
    more: object = True
    while more:
        async with unit_of_work(database) as session:
            more = await sweep.run(session)
