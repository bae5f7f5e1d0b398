"""What a chart shows, whatever draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ChartKind(StrEnum):
    LINES = "lines"
    STACKED_AREAS = "stacked_areas"
    BARS = "bars"
    STACKED_BARS = "stacked_bars"
    DOTS = "dots"


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: Sequence[float | None]
    """One for each place along the axis; of dots there may be any number, see `Chart.xs`."""
    is_dashed: bool = False
    """For what is no figure but a line to compare with: an ideal, a percentile."""


@dataclass(frozen=True, slots=True)
class Chart:
    kind: ChartKind
    title: str
    summary: str
    """What it shows in a sentence or two, for who cannot see it."""
    x_title: str
    y_title: str
    labels: Sequence[str]
    """What stands along the axis, one for each value of the series."""
    series: Sequence[Series]
