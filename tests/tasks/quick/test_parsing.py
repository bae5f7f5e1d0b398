"""What a line of text is taken for: a table of lines, and what holds for every line."""

from datetime import UTC, datetime
from itertools import pairwise
from time import process_time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskapi.tasks.quick.mentions import Kind
from taskapi.tasks.quick.parsing import Known, Understood, parse

# A Saturday, half past ten in the morning.
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")
KNOWN = Known(
    frozenset({"WEB"}),
    {"maria": UUID(int=1), "j.doe": UUID(int=2), "me": UUID(int=3)},
    {"bug": UUID(int=4), "needs review": UUID(int=5), "größe": UUID(int=6)},
)


def understood(text: str, now: datetime = NOW, zone: ZoneInfo = VIENNA) -> Understood:
    return parse(text, now, zone, KNOWN)


def due(found: Understood) -> str:
    """As it is on the clocks of Vienna."""
    if found.due_at is not None:
        return found.due_at.astimezone(VIENNA).strftime("%Y-%m-%d %H:%M")
    return found.due_on.isoformat() if found.due_on else ""


WHEN = [
    # Days.
    ("Call mom today", "Call mom", "2026-11-21"),
    ("Call mom tonight", "Call mom", "2026-11-21"),
    ("Call mom Tomorrow", "Call mom", "2026-11-22"),
    ("Call mom tmrw", "Call mom", "2026-11-22"),
    ("Call mom the day after tomorrow", "Call mom", "2026-11-23"),
    ("Call mom day after tomorrow", "Call mom", "2026-11-23"),
    ("Call mom monday", "Call mom", "2026-11-23"),
    ("Call mom this friday", "Call mom", "2026-11-27"),
    ("Call mom saturday", "Call mom", "2026-11-28"),
    ("Call mom next monday", "Call mom", "2026-11-23"),
    ("Call mom next sunday", "Call mom", "2026-11-29"),
    ("Call mom fri", "Call mom", "2026-11-27"),
    ("Call mom on wed", "Call mom", "2026-11-25"),
    ("Call mom Sun", "Call mom", "2026-11-22"),
    ("Call mom next week", "Call mom", "2026-11-23"),
    ("Call mom this weekend", "Call mom", "2026-11-21"),
    ("Call mom next weekend", "Call mom", "2026-11-28"),
    ("Call mom next month", "Call mom", "2026-12-01"),
    ("Call mom next year", "Call mom", "2027-01-01"),
    ("Call mom by end of month", "Call mom", "2026-11-30"),
    ("Call mom in 3 days", "Call mom", "2026-11-24"),
    ("Call mom in three days", "Call mom", "2026-11-24"),
    ("Call mom in a week", "Call mom", "2026-11-28"),
    ("Call mom in 2 weeks", "Call mom", "2026-12-05"),
    ("Call mom in 3 months", "Call mom", "2027-02-21"),
    ("Call mom in a year", "Call mom", "2027-11-21"),
    ("Call mom 2 weeks from now", "Call mom", "2026-12-05"),
    ("Call mom 24 dec", "Call mom", "2026-12-24"),
    ("Call mom 24th of December", "Call mom", "2026-12-24"),
    ("Call mom 24. dec", "Call mom", "2026-12-24"),
    ("Call mom dec 24", "Call mom", "2026-12-24"),
    ("Call mom dec 24th", "Call mom", "2026-12-24"),
    ("Call mom Dec 24, 2027", "Call mom", "2027-12-24"),
    ("Call mom 24 december 2027", "Call mom", "2027-12-24"),
    ("Call mom 21 nov", "Call mom", "2026-11-21"),
    ("Call mom 20 nov", "Call mom", "2027-11-20"),
    ("Call mom 29 feb", "Call mom", "2028-02-29"),
    ("Call mom 2026-12-24", "Call mom", "2026-12-24"),
    ("Call mom 24.12.", "Call mom", "2026-12-24"),
    ("Call mom 1.2.2027", "Call mom", "2027-02-01"),
    ("Call mom on 1.2.", "Call mom", "2027-02-01"),
    ("Call mom by 10.11.", "Call mom", "2027-11-10"),
    ("Call mom on the 24th", "Call mom", "2026-11-24"),
    ("Call mom by the 1st", "Call mom", "2026-12-01"),
    ("Call mom on the 31st", "Call mom", "2026-12-31"),
    # Times.
    ("Call mom 17:00", "Call mom", "2026-11-21 17:00"),
    ("Call mom 5pm", "Call mom", "2026-11-21 17:00"),
    ("Call mom 5 PM", "Call mom", "2026-11-21 17:00"),
    ("Call mom 5:30pm", "Call mom", "2026-11-21 17:30"),
    ("Call mom 5.30 p.m.", "Call mom", "2026-11-21 17:30"),
    ("Call mom 12am", "Call mom", "2026-11-22 00:00"),
    ("Call mom at noon", "Call mom", "2026-11-21 12:00"),
    ("Call mom at 9", "Call mom", "2026-11-22 09:00"),
    ("Call mom at 11", "Call mom", "2026-11-21 11:00"),
    ("Call mom at 9 o'clock", "Call mom", "2026-11-22 09:00"),
    ("Call mom 10:30", "Call mom", "2026-11-22 10:30"),
    ("Call mom in 2 hours", "Call mom", "2026-11-21 12:30"),
    ("Call mom in an hour", "Call mom", "2026-11-21 11:30"),
    ("Call mom in 45 minutes", "Call mom", "2026-11-21 11:15"),
    # Both, in either order.
    ("Call mom tomorrow 17:00", "Call mom", "2026-11-22 17:00"),
    ("Call mom tomorrow at 5pm", "Call mom", "2026-11-22 17:00"),
    ("Call mom tomorrow, 17:00", "Call mom", "2026-11-22 17:00"),
    ("Call mom 17:00 tomorrow", "Call mom", "2026-11-22 17:00"),
    ("Call mom at 9 on monday", "Call mom", "2026-11-23 09:00"),
    ("Call mom on monday at 9", "Call mom", "2026-11-23 09:00"),
    ("Call mom today 9:00", "Call mom", "2026-11-21 09:00"),
    ("Call mom tomorrow morning", "Call mom", "2026-11-22 09:00"),
    ("Call mom friday evening", "Call mom", "2026-11-27 19:00"),
    ("Call mom 2026-12-24 17:00", "Call mom", "2026-12-24 17:00"),
    ("Call mom dec 24 17:00", "Call mom", "2026-12-24 17:00"),
    # What leads to a date goes with it, and so do commas, dashes and full stops around it.
    ("Send report by friday", "Send report", "2026-11-27"),
    ("Send report due friday", "Send report", "2026-11-27"),
    ("Send report due by friday", "Send report", "2026-11-27"),
    ("Send report until friday", "Send report", "2026-11-27"),
    ("Rent is due on the 1st", "Rent", "2026-12-01"),
    ("Book a table for tomorrow", "Book a table", "2026-11-22"),
    ("Call mom, tomorrow", "Call mom", "2026-11-22"),
    ("Call mom - tomorrow", "Call mom", "2026-11-22"),
    ("Deadline: tomorrow", "Deadline", "2026-11-22"),
    ("Call mom tomorrow.", "Call mom", "2026-11-22"),
    ("Call mom tomorrow!", "Call mom", "2026-11-22"),
    # In the middle, after a word that leads to it.
    ("Send report by friday to the boss", "Send report to the boss", "2026-11-27"),
    ("Send report on Monday to Bob", "Send report to Bob", "2026-11-23"),
    ("Finish by tomorrow, then rest", "Finish then rest", "2026-11-22"),
    ("Meet at 17:00 with Bob", "Meet with Bob", "2026-11-21 17:00"),
    # What said last counts.
    ("Plan monday #bug tuesday", "Plan monday", "2026-11-24"),
    ("Call monday by tuesday", "Call monday", "2026-11-24"),
]
NOT_WHEN = [
    "Plan the Monday meeting",
    "Prepare for the Monday",
    "Decide on Monday meeting agenda",
    'Read "The Day After Tomorrow"',
    'Listen to "Friday I\'m in Love" today or "tomorrow"',
    "Read “See you tomorrow”",
    "Rename `tomorrow`",
    "Watch 'Saturday Night Fever' and 'Sunday'",
    "Discuss tomorrow's agenda",
    "Tomorrow is another day for everybody",
    "Read the weekly report",
    "Look at 5 proposals",
    "Look at 17:00 logs",
    "Fix lamp on the 24th floor",
    "Upgrade to python 3.11.",
    "Release 1.2.",
    "Failing 'make distcheck' on Mac OS X 10.10.5, also 10.11.",
    "Upgrade to 24.04",
    "Where the cat sat",
    "Move the meeting to Friday",
    "Write up what happened last friday",
    "Call Bob on Monday and Tuesday",
    "Celebrate the 24th",
    "Meet at 25:00",
    "Meet at 13pm",
    "Pay on 31 feb",
    "Pay 2026-02-30",
    "Pay in 999 years",
    "Buy 5 apples",
    "Find out whether we can ship tomorrow?",
    "Fix post-monday-bugs",
    "Go every 0 days",
    "Rest every 32nd",
    "Order a monday.com licence",
    "Watch Sunday Times",
    "Ask about monday",
    "Say hello (tomorrow)",
]
RECURRING = [
    ("every day", "FREQ=DAILY", "2026-11-21"),
    ("daily", "FREQ=DAILY", "2026-11-21"),
    ("every 3 days", "FREQ=DAILY;INTERVAL=3", "2026-11-21"),
    ("every other day", "FREQ=DAILY;INTERVAL=2", "2026-11-21"),
    ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"),
    ("every workday at 9", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23 09:00"),
    ("every weekend", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-21"),
    ("weekly", "FREQ=WEEKLY", "2026-11-21"),
    ("every week", "FREQ=WEEKLY", "2026-11-21"),
    ("every two weeks", "FREQ=WEEKLY;INTERVAL=2", "2026-11-21"),
    ("every monday", "FREQ=WEEKLY;BYDAY=MO", "2026-11-23"),
    ("every saturday 9:00", "FREQ=WEEKLY;BYDAY=SA", "2026-11-28 09:00"),
    ("every saturday 12:00", "FREQ=WEEKLY;BYDAY=SA", "2026-11-21 12:00"),
    ("every mon, wed and fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "2026-11-23"),
    ("every other friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-11-27"),
    ("monthly", "FREQ=MONTHLY", "2026-11-21"),
    ("every quarter", "FREQ=MONTHLY;INTERVAL=3", "2026-11-21"),
    ("every 1st", "FREQ=MONTHLY;BYMONTHDAY=1", "2026-12-01"),
    ("every 15th of the month", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15"),
    ("every 1st and 15th", "FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-12-01"),
    ("every last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"),
    ("every 2nd tuesday", "FREQ=MONTHLY;BYDAY=2TU", "2026-12-08"),
    ("every last friday", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
    ("every second tuesday of the month", "FREQ=MONTHLY;BYDAY=2TU", "2026-12-08"),
    ("every month on the 15th", "FREQ=MONTHLY", "2026-12-15"),
    ("every year", "FREQ=YEARLY", "2026-11-21"),
    ("every 24 dec", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "2026-12-24"),
    ("every dec 24th", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "2026-12-24"),
    ("every feb 29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29"),
    ("tomorrow 17:00 every 2 weeks", "FREQ=WEEKLY;INTERVAL=2", "2026-11-22 17:00"),
    ("every 2 weeks starting monday", "FREQ=WEEKLY;INTERVAL=2", "2026-11-23"),
]
MENTIONS = [
    ("Fix login !high", "Fix login", ["high"]),
    ("Fix login !URGENT now", "Fix login now", ["urgent"]),
    ("!1 Fix login", "Fix login", ["urgent"]),
    ("Fix login p2", "Fix login", ["high"]),
    ("Fix login !3", "Fix login", ["medium"]),
    ("Fix login !4, please", "Fix login please", ["low"]),
    ("Fix login @maria", "Fix login", ["maria"]),
    ("Ask @Maria, @j.doe about it", "Ask about it", ["maria", "j.doe"]),
    ("Fix login #bug", "Fix login", ["bug"]),
    ('Fix login #"needs review" #bug', "Fix login", ["needs review", "bug"]),
    ("Fix #größe.", "Fix", ["größe"]),
    ("Fix login +WEB", "Fix login", ["WEB"]),
    ("Fix login +web !low", "Fix login", ["WEB", "low"]),
    ("Fix !important thing", "Fix !important thing", []),
    ("Fix p5 and http://x.y/#bug", "Fix p5 and http://x.y/#bug", []),
    ("Mail a@maria and C#bug", "Mail a@maria and C#bug", []),
    ('Write "@maria" and `#bug`', 'Write "@maria" and `#bug`', []),
    ("Is @maria's login broken", "Is @maria's login broken", []),
]


def test_the_table_is_long_enough() -> None:
    assert len(WHEN) + len(NOT_WHEN) + len(RECURRING) + len(MENTIONS) >= 120


@pytest.mark.parametrize(("text", "title", "when"), WHEN)
def test_a_day_or_a_time_that_ends_the_text_is_when_it_is_due(text: str, title: str, when: str) -> None:
    found = understood(text)
    assert (found.title, due(found), found.recurrence) == (title, when, None)


@pytest.mark.parametrize("text", NOT_WHEN)
def test_a_day_that_is_a_part_of_the_sentence_stays_in_it(text: str) -> None:
    found = understood(text)
    assert (found.title, due(found), found.recurrence, found.spans) == (text, "", None, ())


@pytest.mark.parametrize(("text", "rule", "when"), RECURRING)
def test_a_recurrence_begins_as_soon_as_it_can(text: str, rule: str, when: str) -> None:
    found = understood(f"Water plants {text}")
    assert found.recurrence is not None
    assert (found.title, found.recurrence.rule, due(found)) == ("Water plants", rule, when)
    assert not found.recurrence.from_completion


def test_a_recurrence_may_count_from_completion() -> None:
    found = understood("Water plants every! 3 days")
    assert found.recurrence is not None
    assert (found.recurrence.rule, found.recurrence.from_completion) == ("FREQ=DAILY;INTERVAL=3", True)


@pytest.mark.parametrize(("text", "title", "values"), MENTIONS)
def test_mentions_are_taken_out_of_the_title(text: str, title: str, values: list[str]) -> None:
    found = understood(text)
    assert (found.title, [span.value for span in found.spans]) == (title, values)
    assert found.not_understood == ()


def test_all_of_it_at_once() -> None:
    text = "Fix login !high @maria #bug tomorrow 17:00 every 2 weeks"
    found = understood(text)
    assert (found.title, due(found)) == ("Fix login", "2026-11-22 17:00")
    assert [(span.kind, text[span.start : span.end], span.value) for span in found.spans] == [
        (Kind.PRIORITY, "!high", "high"),
        (Kind.ASSIGNEE, "@maria", "maria"),
        (Kind.LABEL, "#bug", "bug"),
        (Kind.DATE, "tomorrow", "2026-11-22"),
        (Kind.TIME, "17:00", "17:00"),
        (Kind.RECURRENCE, "every 2 weeks", "FREQ=WEEKLY;INTERVAL=2"),
    ]


def test_what_is_unknown_stays_and_is_told() -> None:
    found = understood("Ask @bob about #foo, +NOPE tomorrow")
    assert (found.title, due(found)) == ("Ask @bob about #foo, +NOPE", "2026-11-22")
    assert found.not_understood == ("@bob", "#foo", "+NOPE")


def test_a_date_before_a_mention_counts_whether_or_not_it_is_known() -> None:
    for mention, left in (("#bug", "Fix login"), ("#nothing", "Fix login #nothing")):
        found = understood(f"Fix login tomorrow {mention}")
        assert (found.title, due(found)) == (left, "2026-11-22")


def test_of_two_priorities_the_last_counts() -> None:
    assert understood("Fix !low login !high").last(Kind.PRIORITY) == "high"


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Kiritimati", "2026-11-23"), ("UTC", "2026-11-22"), ("Pacific/Pago_Pago", "2026-11-21")]
)
def test_tomorrow_is_that_of_the_user(zone: str, day: str) -> None:
    now = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
    assert str(understood("Call mom tomorrow", now, ZoneInfo(zone)).due_on) == day


def test_an_hour_that_the_clocks_skip_is_an_hour_later() -> None:
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert understood("Call mom tomorrow 2:30", before).due_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


WORDS = [
    *("Call", "the", "by", "on", "at", "due", "for", "every", "every!", "tomorrow", "today", "monday", "next", "week"),
    *("17:00", "5pm", "9", "24", "dec", "2026-12-24", "in", "3", "days", "hours", "and", ",", "-", '"', "'", "`", "“"),
    *(
        "!high",
        "p1",
        "@maria",
        "@bob",
        "#bug",
        '#"needs',
        'review"',
        "+WEB",
        "+NOPE",
        "1st",
        "weekly",
        "tomorrow.",
        "ß",
    ),
]
LINES = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=20).map(" ".join)


@settings(max_examples=400)
@given(LINES)
def test_title_and_spans_are_all_of_the_text(text: str) -> None:
    found = understood(text)
    edges = [0, *(edge for span in found.spans for edge in (span.start, span.end)), len(text)]
    assert edges == sorted(edges)
    assert all(span.start < span.end for span in found.spans)
    gaps = [text[start:end] for start, end in list(pairwise(edges))[::2]]
    assert " ".join(" ".join(gaps).split()) == found.title
    kinds = [span.kind for span in found.spans]
    assert all(kinds.count(kind) <= 1 for kind in (Kind.DATE, Kind.TIME, Kind.RECURRENCE))
    assert (found.due_on is None) or (found.due_at is None)


@pytest.mark.parametrize(
    "word", ["at ", "every mon, ", "every mon and ", "dec 24 ", "1 ", "'", "“", "#.", "@a.", "a" * 50, "by friday "]
)
def test_a_thousand_characters_take_a_moment(word: str) -> None:
    """Of computing, which another program does not make longer: 25 ms at most, on a machine of today."""
    started = process_time()
    understood((word * 1000)[:1000])
    assert process_time() - started < 1
