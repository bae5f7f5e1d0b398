"""A program: writes the list of passwords that are refused for being common, from the one that zxcvbn brings."""

import re
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

LIST = Path(__file__).parents[2] / "src/taskapi/core/secrets/common_passwords.txt"
_SHORTEST = 8  # the least that PASSWORD_MIN_LENGTH may say
_HEAD = """\
# The most frequent passwords of public leaks, of 8 letters and more, one a line.
# Made by `python -m tests.support.common_passwords` from the list "passwords" of zxcvbn 4.5 for Python.
#
"""


def text() -> str:
    """Its file is read, not imported: that would build dictionaries of all its lists."""
    source = files("zxcvbn").joinpath("frequency_lists.py").read_text(encoding="utf-8")
    found = re.search(r'"passwords": "([^"]+)"', source)
    assert found is not None
    words = sorted({word for word in found[1].split(",") if len(word) >= _SHORTEST})
    licence = "".join(f"# {line}".rstrip() + "\n" for line in _licence().splitlines())
    return _HEAD + licence + "\n" + "\n".join(words) + "\n"


def _licence() -> str:
    found = distribution("zxcvbn").read_text("LICENSE.txt")
    assert found is not None
    return found.strip()


if __name__ == "__main__":
    LIST.write_text(text(), encoding="utf-8")
