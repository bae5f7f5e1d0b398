"""What ends what: the table in docs/security.md is the one that the code follows."""

from pathlib import Path
from typing import Final

import pytest

from taskapi.auth.reclaiming.service import ENDS, Act, Hold

_PAGE: Final = Path(__file__).parents[2] / "docs" / "security.md"
_CELLS: Final = {
    "yes",
    "no",
    "if asked",
    "new",
    "first proof",
    "if asked, or first proof",
    "unless signed in",
    "erased",
}


def _rows() -> dict[str, list[str]]:
    lines = [line for line in _PAGE.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_the_columns_are_the_kinds_of_holds() -> None:
    assert _rows()["What is done"] == list(Hold)


@pytest.mark.parametrize("act", Act)
def test_the_page_says_what_each_act_ends(act: Act) -> None:
    row = dict(zip(Hold, _rows()[act], strict=True))
    assert set(row.values()) <= _CELLS
    assert {hold for hold, cell in row.items() if cell == "yes"} == ENDS[act]
