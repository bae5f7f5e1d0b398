"""What every report is asked by."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from taskapi.core.fields import Day, Timezone
from taskapi.tasks.filters.schemas import FilterText


class Format(StrEnum):
    """What a report comes as."""

    JSON = "json"
    CSV = "csv"
    SVG = "svg"


class ChartParams(BaseModel):
    """Which days, of which tasks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Day | None = Field(
        None, alias="from", description="The first day; else 29 days before the last one", examples=["2026-10-24"]
    )
    last: Day | None = Field(
        None, alias="to", description="The last day, which is included; else today", examples=["2026-11-22"]
    )
    tz: Timezone | None = Field(
        None, description="The time zone in which days are meant, such as `Europe/Berlin`; your own unless you give one"
    )
    filter: FilterText | None = Field(
        None,
        description="Which tasks count, as an expression of the filter language; they are looked at as they are now",
        examples=["label:bug -assignee:me"],
    )

    @property
    def days(self) -> tuple[date | None, date | None]:
        return self.first, self.last

    @property
    def comes_as(self) -> Format:
        return Format.SVG


class ReportParams(ChartParams):
    """And as what."""

    format: Format = Field(Format.JSON, description="`csv` is for spreadsheets, `svg` a chart", examples=[Format.JSON])

    @property
    def comes_as(self) -> Format:
        return self.format
