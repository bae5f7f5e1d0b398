"""What is asked of a shared chart."""

from enum import StrEnum

from pydantic import Field

from taskapi.analytics.schemas import ChartParams
from taskapi.core.fields import Timezone


class SharedChart(StrEnum):
    """Those in which nobody is named."""

    SUMMARY = "summary"
    AGEING = "ageing"
    FORECAST = "forecast"
    BURNDOWN = "burndown"
    BURNUP = "burnup"
    CUMULATIVE_FLOW = "cumulative-flow"
    CYCLE_TIME = "cycle-time"
    LEAD_TIME = "lead-time"
    THROUGHPUT = "throughput"


class SharedChartParams(ChartParams):
    """By a share link there is no `me`, and days are its maker's."""

    tz: Timezone | None = Field(
        None,
        description="The time zone in which days are meant, such as `Europe/Berlin`; else that of the link's maker",
    )
