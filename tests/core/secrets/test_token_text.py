"""The text of an API token: nobody guesses it, everybody recognises it, and a typo is told at once."""

import re

from taskapi.core.secrets import token_text as api_tokens


def test_a_token_is_recognised_by_its_shape() -> None:
    token = api_tokens.new_token()
    assert re.fullmatch(r"tapi_[0-9A-Za-z]{49}", token)
    assert api_tokens.is_well_formed(token)
    assert token.startswith(api_tokens.shown_prefix(token))


def test_no_two_tokens_are_alike() -> None:
    assert len({api_tokens.new_token() for _ in range(1000)}) == 1000


def test_every_single_typo_is_told_from_a_token() -> None:
    token = api_tokens.new_token()
    for place in range(len(token)):
        wrong = "x" if token[place] != "x" else "y"
        assert not api_tokens.is_well_formed(token[:place] + wrong + token[place + 1 :])
        assert not api_tokens.is_well_formed(token[:place] + token[place + 1 :])
    assert not api_tokens.is_well_formed(token + "0")
    assert not api_tokens.is_well_formed("")
    assert not api_tokens.is_well_formed("tapi_" + "ä" * 49)
