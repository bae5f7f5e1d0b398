"""Throughput as clients ask for it and read it."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, Field

from taskapi.analytics.flow.levels.schemas import Count
from taskapi.analytics.schemas import ReportParams


class BucketLength(StrEnum):
    """What is counted together."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ThroughputParams(ReportParams):
    """The same as of every report, and what is counted together."""

    bucket: BucketLength = Field(
        BucketLength.DAY,
        description="What is counted together; weeks begin on Monday",
        examples=[BucketLength.WEEK],
    )


class Bucket(BaseModel):
    """A day, or what of a week or a month is among the days."""

    first: date = Field(alias="from", description="Its first day")
    last: date = Field(alias="to", description="Its last day, which is included")
    completed: Count = Field(description="Tasks that are done now, and have been since a moment in it", examples=[5])


class Throughput(BaseModel):
    """Every bucket, those in which nothing was done too."""

    items: list[Bucket] = Field(description="In the order of time")
