"""A forecast as clients ask for it and read it."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from taskapi.analytics.schemas import ReportParams

MOST_RUNS = 100_000
DEFAULT_RUNS = 10_000
HORIZON_DAYS = 3650


class ForecastParams(ReportParams):
    """The days are the history that the forecast draws from."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        1, description="What chance begins with: the same seed, history and tasks give the same dates", examples=[1]
    )
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = Field(
        DEFAULT_RUNS, description="How often the future is drawn", examples=[DEFAULT_RUNS]
    )


class NoDate(StrEnum):
    """Why a forecast has no date, or not all of them."""

    NO_HISTORY = "no_history"
    BEYOND_HORIZON = "beyond_horizon"


_DAY = date(2027, 3, 14)


class Forecast(BaseModel):
    """By when all that is open will be done, with three degrees of confidence; a date is the end of that day."""

    remaining: Annotated[int, Field(ge=0)] = Field(description="How many tasks are open now", examples=[42])
    history_days: Annotated[int, Field(ge=1)] = Field(description="How many days it draws from", examples=[30])
    completed: Annotated[int, Field(ge=0)] = Field(description="How many tasks were done in these", examples=[36])
    runs: Annotated[int, Field(ge=0)] = Field(
        description="How often the future was drawn: fewer than were asked for where each run is long",
        examples=[10_000],
    )
    seed: int = Field(description="What chance began with", examples=[1])
    p50_on: date | None = Field(description="Half of the runs are done by then", examples=[_DAY])
    p85_on: date | None = Field(description="85 % of the runs are done by then", examples=[_DAY])
    p95_on: date | None = Field(description="95 % of the runs are done by then", examples=[_DAY])
    reason: NoDate | None = Field(
        description="Why a date is null: nothing was done in the history, or it lies more than ten years ahead",
        examples=[None],
    )
    assumptions: list[str] = Field(description="What has to hold for the dates to hold, in words", examples=[["…"]])
