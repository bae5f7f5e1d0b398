"""Bytes as text: every token of ours has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.core.secrets.digests import from_text, to_text


@given(st.binary(max_size=80))
def test_what_is_written_is_read_again(raw: bytes) -> None:
    assert from_text(to_text(raw)) == raw


@pytest.mark.parametrize("text", ["Zh", "Zg==", "Zg=", "Z", "-/", "-+8", "Zm 8", "Zm9v\n", "Zmüv", "Zg\0"])
def test_no_other_spelling_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_text(text)


def test_the_letters_fit_into_addresses() -> None:
    assert to_text(b"f") == "Zg"
    assert to_text(b"\xfb\xff") == "-_8"
