"""A report as a value: how it is made, and what it is as a table and as a chart."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from taskapi.analytics.charts import Chart
from taskapi.analytics.period import Period
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession
from taskapi.tasks.filters.ast import Filter

T = TypeVar("T", bound=BaseModel)
Names = Mapping[UUID, str]
"""What people are called, in tables and charts; JSON has their ids."""


@dataclass(frozen=True, slots=True)
class Report(Generic[T]):
    name: str
    """As in its address, and in the name of its file."""
    make: Callable[[DbSession, Scope, Period], Awaitable[T]]
    table: Callable[[T, Names], Table]
    chart: Callable[[T, Scope, Names], Chart]
    asked: tuple[object, ...] = ()
    """What it was asked by beside the days and the filter: answers that differ in it are not the same."""
    names_people: bool = False
    mine: Filter | None = None
    """Which tasks are somebody's own, over all their projects; None: those that they are assigned to."""


AnyReport = Report[Any]
