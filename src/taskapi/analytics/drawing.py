"""Charts drawn as SVG by pygal: one picture for light and for dark pages, with words for who cannot see it.

pygal writes a script into each chart, for tooltips. It is taken out with whatever only a script makes use of, so that
a picture holds shapes, texts and one style sheet, and asks nobody for anything.
"""

import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET  # written, never read

import pygal
from pygal.style import Style

from taskapi.analytics.charts import Chart, ChartKind

# pygal puts a finder of maps, which nobody has here, in the way of every import that follows; one of a kind that
# Python 3.11 warns of and later ones pass over.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

_WIDTH, _HEIGHT = 960, 480
_MOST_LABELS: Final = 12
_LONGEST: Final = 60
_TOLD_BY_SCRIPT: Final = frozenset({"script", "desc", "title"})
_SHOWN_BY_SCRIPT: Final = frozenset({"tooltip-overlays", "plot text-overlay", "plot tooltip-overlay"})
# Told apart by who sees no red or no green, and by their brightness: the palette of Okabe and Ito, without black.
_COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b3a300")
_DASHES: Final = {"width": 2, "dasharray": "6, 5"}
_LINE: Final = {"width": 2.5}
_OF_KIND: Final = {
    ChartKind.LINES: pygal.Line,
    ChartKind.STACKED_AREAS: pygal.StackedLine,
    ChartKind.BARS: pygal.Bar,
    ChartKind.STACKED_BARS: pygal.StackedBar,
    ChartKind.DOTS: pygal.XY,
}
_STYLE: Final = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#3b4351",
    foreground_strong="#1f2430",
    foreground_subtle="#6b7485",
    guide_stroke_color="#d9dde5",
    major_guide_stroke_color="#c3c9d4",
    guide_stroke_dasharray="none",
    major_guide_stroke_dasharray="none",
    font_family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    title_font_size=20,
    legend_font_size=14,
    label_font_size=13,
    major_label_font_size=13,
    value_font_size=13,
    no_data_font_size=20,
    opacity=".85",
    opacity_hover="1",
    transition="none",
    colors=_COLOURS,
)
_SHEET: Final = """
svg { background: #ffffff; }
.axis text, .legend text { fill: #3b4351 !important; }
.title, .no_data { fill: #1f2430 !important; }
.series .line { stroke-width: 2.5px !important; }
@media (prefers-color-scheme: dark) {
  svg { background: #16181d; }
  .axis text, .legend text { fill: #c3c9d4 !important; }
  .title, .no_data { fill: #f2f4f8 !important; }
  .guide.line { stroke: #343a46 !important; }
  .axis.y .line, .axis.x .line { stroke: #5a6373 !important; }
}
"""


def svg(chart: Chart) -> str:
    """The picture, as a document of its own. What stands in it is text to XML, whatever it says."""
    root = _drawn(chart).render_tree()
    _strip(root)
    _explain(root, chart)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _drawn(chart: Chart) -> Any:  # noqa: ANN401 - pygal has no types
    drawn = _OF_KIND[chart.kind](
        style=_STYLE,
        width=_WIDTH,
        height=_HEIGHT,
        explicit_size=False,
        title=_short(chart.title),
        x_title=chart.x_title,
        y_title=chart.y_title,
        no_data_text="Nothing in these days",
        no_prefix=True,
        js=[],
        show_legend=len(chart.series) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=min(len(chart.series), 5) or 1,
        truncate_legend=30,
        truncate_label=20,
        fill=chart.kind is ChartKind.STACKED_AREAS,
        stroke=chart.kind is not ChartKind.DOTS,
        show_dots=chart.kind is ChartKind.DOTS,
        dots_size=4,
        x_label_rotation=0 if max(map(len, chart.labels), default=0) * len(_shown(chart.labels)) < _WIDTH // 9 else 25,
        show_minor_x_labels=False,
        range=(0, _top(chart)),
        margin=24,
    )
    drawn.x_labels = list(chart.labels)
    drawn.x_labels_major = _shown(chart.labels)
    for series in chart.series:
        stroke = _DASHES if series.is_dashed else _LINE
        drawn.add(_short(series.name), list(series.values), stroke_style=stroke, fill=_fills(chart, series.is_dashed))
    return drawn


def _fills(chart: Chart, is_dashed: bool) -> bool:
    return chart.kind is ChartKind.STACKED_AREAS and not is_dashed


def _shown(labels: Sequence[str]) -> list[str]:
    """Few enough to be read, the first and the last among them as far as that goes."""
    step = max(1, math.ceil(len(labels) / _MOST_LABELS))
    return list(labels[::step])


def _top(chart: Chart) -> float:
    """The axis begins at nothing, for half a bar would lie; of nothing at all it still has a top."""
    if chart.kind in {ChartKind.STACKED_AREAS, ChartKind.STACKED_BARS}:
        sums = (sum(value or 0 for value in values) for values in zip(*_values(chart), strict=True))
        return max(1.0, *sums, 1.0)
    return max((value or 0 for values in _values(chart) for value in values), default=1) or 1


def _values(chart: Chart) -> Iterable[Sequence[float | None]]:
    return (series.values for series in chart.series)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _strip(root: ET.Element) -> None:
    """Scripts, and the texts that they would have shown."""
    for parent in root.iter():
        for child in list(parent):
            if child.tag in _TOLD_BY_SCRIPT or child.get("class") in _SHOWN_BY_SCRIPT or not isinstance(child.tag, str):
                parent.remove(child)


def _explain(root: ET.Element, chart: Chart) -> None:
    root.set("role", "img")
    root.set("aria-labelledby", "title summary")
    root.set("width", "100%")
    title = ET.Element("title", {"id": "title"})
    title.text = chart.title
    root.insert(0, title)
    summary = ET.Element("desc", {"id": "summary"})
    summary.text = chart.summary
    root.insert(1, summary)
    sheet = ET.SubElement(root, "style", {"type": "text/css"})
    sheet.text = _SHEET
