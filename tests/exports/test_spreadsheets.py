"""A table that was taken out, as LibreOffice understands it: each cell is the text that the API shows."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.exports.filled import API, NASTY
from tests.support import optional
from tests.support.factory import MadeProject

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
# Comma, double quote, UTF-8, from the first line.
_AS_CSV = "--infilter=Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false"
pytestmark = pytest.mark.slow

TITLES = [NASTY, "+1+1", "-2+3", "@SUM(1;2)", "'quoted", "Näxt; 🚀, \"two\" 'marks'", "a\u00a0=1+1"]


def rows_of(path: Path) -> Iterator[list[tuple[str, str | None]]]:
    """Of each cell its text, and its formula where it has become one."""
    for row in ET.parse(path).iter(f"{_TABLE}table-row"):
        cells: list[tuple[str, str | None]] = []
        for cell in row.iter(f"{_TABLE}table-cell"):
            text = "\n".join("".join(part.itertext()) for part in cell.iter(f"{_TEXT}p"))
            times = min(int(cell.get(f"{_TABLE}number-columns-repeated", "1")), 50)
            cells += [(text, cell.get(f"{_TABLE}formula"))] * times
        yield cells


async def test_libreoffice_sees_texts_and_no_formulas(
    owner: httpx.AsyncClient, web: MadeProject, tmp_path: Path
) -> None:
    program = shutil.which("soffice")
    optional.need(program, "soffice of LibreOffice is not installed")
    assert program is not None
    for title in TITLES:
        answer = await owner.post(web.tasks_path, json={"title": title, "description": f"{title}\n=1+1\nlast"})
        assert answer.status_code == 201, answer.text
    (tmp_path / "WEB.csv").write_bytes((await owner.get(f"{API}/projects/WEB/export?format=csv")).content)
    process = await asyncio.create_subprocess_exec(
        *(program, "--headless", f"-env:UserInstallation={(tmp_path / 'home').as_uri()}", _AS_CSV),
        *("--convert-to", "fods", "--outdir", str(tmp_path), str(tmp_path / "WEB.csv")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    head, *rows = [row for row in rows_of(tmp_path / "WEB.fods") if any(text for text, _ in row)]
    assert [text for text, _ in head][:3] == ["key", "title", "description"]
    assert not [cell for row in rows for cell in row if cell[1] is not None]
    quoted = [f"'{title}" if title[0] in "=+-@'" else title for title in TITLES]
    assert [row[1][0] for row in rows] == quoted
    assert [row[2][0] for row in rows] == [f"{title}\n=1+1\nlast" for title in quoted]
