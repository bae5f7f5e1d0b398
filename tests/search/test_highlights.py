"""Pieces of texts with the found words in <mark>, and nothing else that a browser would take for more than text."""

import pytest

from taskapi.search import highlights


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Repair the boiler", {"boiler"}, "Repair the <mark>boiler</mark>"),
        ("the HttpServer", {"http"}, "the <mark>HttpServer</mark>"),
        ("read config.json", {"json"}, "read config.<mark>json</mark>"),
        ("a_b_c", {"b"}, "a_<mark>b</mark>_c"),
        ("Café & <b>café</b>", {"cafe"}, "<mark>Café</mark> &amp; &lt;b&gt;<mark>café</mark>&lt;/b&gt;"),
        ("<mark>'\"", {"mark"}, "&lt;<mark>mark</mark>&gt;&#x27;&quot;"),
        ("今日の東京都へ", {"東京", "京都", "東", "京"}, "今日の<mark>東京都</mark>へ"),
        ("今日の東京都へ東", {"東"}, "今日の<mark>東</mark>京都へ<mark>東</mark>"),
        ("東京x大阪", {"大阪", "大"}, "東京x<mark>大阪</mark>"),
    ],
)
def test_a_title_is_shown_whole(text: str, words: set[str], shown: str) -> None:
    assert highlights.whole(text, words) == [shown]


def test_a_title_without_any_of_the_words_is_not_shown() -> None:
    assert highlights.whole("Repair the boiler", {"stove"}) == highlights.whole("", {"stove"}) == []


def test_a_long_text_is_shown_in_three_pieces_at_most() -> None:
    filling = "so it goes on " * 30
    found = highlights.pieces(f"{filling} first stove {filling} stove & stove {filling} " * 3, {"stove"})
    assert len(found) == 3
    assert "first <mark>stove</mark> so" in found[0]
    assert "<mark>stove</mark> &amp; <mark>stove</mark>" in found[1]
    for piece in found:
        assert piece.startswith("…")
        assert piece.endswith("…")
        assert len(piece) < 300


def test_every_word_in_a_piece_is_marked() -> None:
    [piece] = highlights.pieces("stove " * 15, {"stove"})
    assert piece.replace("<mark>stove</mark> ", "") == ""
    for piece in highlights.pieces("stove " * 500, {"stove"}):
        assert piece.strip("…").replace("<mark>stove</mark>", "").strip() == ""


def test_a_text_without_end_is_read_no_further_than_needed() -> None:
    assert highlights.pieces("x" * 1_000_000 + " stove", {"stove"}) == []
