"""Passwords that attackers try first are refused, by a list that is made from zxcvbn's."""

import pytest

from taskapi.core.secrets.passwords import weakness
from tests.support import common_passwords


def test_the_list_is_what_its_program_writes() -> None:
    assert common_passwords.LIST.read_text(encoding="utf-8") == common_passwords.text()


@pytest.mark.parametrize("password", ["12345678", "password1", "PassWord1", "trustno1", "liverpool", "zzzzzzzz"])
def test_a_common_password_is_refused_in_upper_and_lower_case(password: str) -> None:
    assert weakness(password, min_length=8, about=()) is not None


@pytest.mark.parametrize("password", ["# mit license", "one a line", "word\npassword1x", "correct horse battery"])
def test_nothing_else_in_its_file_is(password: str) -> None:
    assert weakness(password, min_length=8, about=()) is None
