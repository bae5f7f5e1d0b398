"""A name in a mail is a name: nothing in it that a mail program would make a link of, in no part of the mail."""

import re
from typing import Final

import pytest

from taskapi.core.mail.composing import compose
from taskapi.core.mail.harmless import harmless
from taskapi.settings import Settings
from tests.support.mailbox import text_of

LINK = "https://tasks.example.org/x?token=abc-_1"
WRITTEN: Final = (
    "http://evil.example/login",
    "HTTPS://EVIL.EXAMPLE",
    "www.evil.example",
    "evil.example",
    "evil.example:8443/x",
    "evil\u3002example",
    "evil\uff0eexample",
    "evil\u2024example",
    "ev\u200bil.exam\u2060ple",
    "http://192.0.2.1/",
    "http:/\u200b/evil.example",
    "//evil.example/x",
    "\\\\evil\\share",
    "mailto:eve@evil.example",
    "eve@evil.example",
    "tel:+390612345",
    "javascript:alert(1)",
    "www.evil.example/fix@x.example",
)
# Wider than any mail program's: two things with one of these between them, and no blank.
_CLICKABLE: Final = re.compile("\\S[.\u3002\uff0e\uff61\u2024:@]\\S|//|\\\\\\\\")


@pytest.mark.parametrize("written", WRITTEN)
def test_a_name_holds_nothing_to_click_on(written: str) -> None:
    assert not _CLICKABLE.search(harmless(f"Your account is locked: {written} now"))


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("field", ["sender", "project"])
def test_nor_does_any_part_of_an_invitation(written: str, field: str) -> None:
    given: dict[str, object] = {
        "sender": "Maria",
        "project": "Moon",
        "role": "editor",
        "link": LINK,
        field: f"See {written} now",
    }
    message = compose(Settings(), "invitation", "otto@example.com", given)
    html = message.get_body(("html",))
    assert html is not None
    for part in (message["Subject"], text_of(message), html.get_content()):
        assert written.casefold() not in part.casefold()
        assert "evil.example" not in part.casefold()
    assert LINK in text_of(message)


def test_a_username_and_an_address_are_made_harmless_too() -> None:
    given: dict[str, object] = {
        "username": "www.evil.example",
        "new_email": "evil.example/login@x.example",
        "link": LINK,
    }
    message = compose(Settings(), "email_change_notice", "ana@example.com", given)
    assert "evil. example/login (at) x. example" in text_of(message)
    assert "Hello www. evil. example," in text_of(message)
    assert LINK in text_of(message)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Maria Berger", "Maria Berger"),
        ("J.R.R. Tolkien", "J. R. R. Tolkien"),
        ("Zoë Müller-Lüdenscheidt & Söhne", "Zoë Müller-Lüdenscheidt & Söhne"),
        ("移行プロジェクト", "移行プロジェクト"),
        ("Q3/Q4: release 2.0", "Q3/Q4: release 2. 0"),
        ("Eve\r\nBcc: all\x1b[31m\x07", "Eve Bcc: all [31m"),
        ("abc\u202egnp.exe", "abcgnp. exe"),
        ("x" * 200, "x" * 79 + "…"),
    ],
)
def test_ordinary_names_stay_readable(written: str, shown: str) -> None:
    assert harmless(written) == shown
