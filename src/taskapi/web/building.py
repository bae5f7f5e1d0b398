"""A build that goes on beside the service, and what stands in the page's place until it is there."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Final

_FRAME: Final = Template(Path(__file__).with_name("absent.html").read_text())
_REMEDY: Final = (
    "In a clone, <code>make web</code> builds it, and so does <code>make run</code>; this address shows it as soon as "
    "it is there. Releases and images bring it along."
)
_SECONDS: Final = 60
_SECONDS_LEFT: Final = 5


@dataclass(slots=True)
class Building:
    """Told by whoever builds, in a thread of its own; each field is written as a whole."""

    doing: str = ""
    """What is done now; empty where nothing is built."""
    failed: str = ""
    """What could not be done."""


def absent(building: Building) -> tuple[str, int]:
    """The document, and the seconds after which to ask again."""
    if building.doing:
        return _document("The page is being built", escape(building.doing), ""), _SECONDS_LEFT
    if building.failed:
        told = f"This failed: {escape(building.failed)}. The terminal of the service says why."
        return _document("The page could not be built", told, _REMEDY), _SECONDS
    return _document("The page is not built", "This installation came without its page.", _REMEDY), _SECONDS


def _document(title: str, told: str, remedy: str) -> str:
    return _FRAME.substitute(title=title, told=told, remedy=remedy)
