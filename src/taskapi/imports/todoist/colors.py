"""Todoist's colours: an answer names them, and its documentation tells what they look like."""

from collections.abc import Iterable
from typing import Final

from taskapi.imports import texts
from taskapi.imports.aside import Aside
from taskapi.imports.objects import Object

_COLORS: Final = {
    "berry_red": "#b8255f",
    "red": "#dc4c3e",
    "orange": "#c77100",
    "yellow": "#b29104",
    "olive_green": "#949c31",
    "lime_green": "#65a33a",
    "green": "#369307",
    "mint_green": "#42a393",
    "teal": "#148fad",
    "sky_blue": "#319dc0",
    "light_blue": "#6988a4",
    "blue": "#4180ff",
    "grape": "#692ec2",
    "violet": "#ca3fee",
    "lavender": "#a4698c",
    "magenta": "#e05095",
    "salmon": "#c9766f",
    "charcoal": "#808080",
    "grey": "#999999",
    "taupe": "#8f7a69",
}


def of_labels(kept: Aside, said: Iterable[str]) -> dict[str, str]:
    """By the names of an item's labels. An item names them by name or by id; labels are kept by either."""
    found: dict[str, str] = {}
    for name in said:
        label = kept.one("label", name) or kept.one("label named", name)
        if isinstance(label, dict):
            one = Object(0, label)
            color = _COLORS.get(one.text("color") or "")
            called = texts.name(one.text("name") or "")
            if color and called:
                found[called] = color
    return found
