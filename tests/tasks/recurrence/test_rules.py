"""Rules of RFC 5545 are taken or refused with the reason, their days keep local time, and none costs much."""

import random
import time
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import pytest

from taskapi.tasks.recurrence import occurrences, rule
from taskapi.tasks.recurrence.occurrences import Dates

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def recurrence(text: str, **given: Any) -> dict[str, Any]:
    parsed = rule.parsed(text)
    plain = {"exdates": [], "timezone": "Europe/Vienna", "occurrence": 1, "time_of_day": None}
    return {"rule": parsed.text, "mode": "schedule", **plain, **given}


def on_days(text: str, due_on: str, most: int = 4, **given: Any) -> list[str]:
    dates = Dates(None, date.fromisoformat(due_on), None)
    return [found.due for found in islice(occurrences.upcoming(recurrence(text, **given), dates, NOW), most)]


def at_instants(text: str, due_at: str, most: int = 3, **given: Any) -> list[str]:
    """One from the other, as tasks do: the next begins with what the last one left."""
    series = {**recurrence(text), **given}
    dates = Dates(None, None, datetime.fromisoformat(due_at))
    series["time_of_day"] = occurrences.time_of_day(series, dates)
    told = []
    for _ in range(most):
        found = occurrences.following(series, dates, NOW)
        if found is None:
            break
        dates, series = found.dates, dict(found.recurrence_after(series))
        told.append(found.due.replace(".000000Z", "Z"))
    return told


@pytest.mark.parametrize(
    ("text", "due", "expected"),
    [
        ("FREQ=DAILY", "2026-12-30", ["2026-12-31", "2027-01-01"]),
        ("rrule:freq=daily;interval=3", "2026-12-01", ["2026-12-04", "2026-12-07"]),
        ("FREQ=WEEKLY", "2026-11-25", ["2026-12-02", "2026-12-09"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-11-26", ["2026-12-07", "2026-12-10"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", "2026-11-22", ["2026-11-23", "2026-12-06"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO", "2026-11-22", ["2026-11-30", "2026-12-06"]),
        ("FREQ=MONTHLY", "2026-10-31", ["2026-12-31", "2027-01-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", ["2026-02-28", "2026-03-31"]),
        ("FREQ=MONTHLY;BYDAY=1MO", "2026-11-02", ["2026-12-07", "2027-01-04"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27", ["2026-12-25", "2027-01-29"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-30", ["2026-12-31", "2027-01-29"]),
        ("FREQ=YEARLY", "2028-02-29", ["2032-02-29", "2036-02-29"]),
        ("FREQ=YEARLY", "2096-02-29", ["2104-02-29", "2108-02-29"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-11-26", ["2027-11-25", "2028-11-23"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "2096-03-01", ["2104-02-29"]),
        ("FREQ=DAILY;UNTIL=20261202", "2026-12-01", ["2026-12-02"]),
        ("FREQ=DAILY;COUNT=3", "2026-12-01", ["2026-12-02", "2026-12-03"]),
        ("FREQ=DAILY", "2999-12-30", ["2999-12-31"]),
    ],
)
def test_the_days_of_a_rule(text: str, due: str, expected: list[str]) -> None:
    assert on_days(text, due)[: len(expected)] == expected
    if len(expected) == 1 or "COUNT" in text:
        assert on_days(text, due) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "FREQ", "FREQ=", "FREQ=HOURLY", "INTERVAL=2", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;BYHOUR=9"),
        *("FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=1001", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;INTERVAL=x"),
        *("FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;UNTIL=20261301", "FREQ=DAILY;UNTIL=tomorrow"),
        *("FREQ=DAILY;UNTIL=99991231T235959Z", "FREQ=DAILY;UNTIL=18991231", "FREQ=YEARLY;BYMONTH=11;BYDAY=41TH"),
        *("FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=WEEKLY;BYMONTHDAY=1"),
        *("FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;WKST=1"),
        *("FREQ=DAILY;BYSETPOS=1", "FREQ=YEARLY;BYEASTER=0", "FREQ=SECONDLY;COUNT=1", "DTSTART=20260101;FREQ=DAILY"),
    ],
)
def test_what_cannot_be_taken_says_why(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rule.parsed(text)


def test_excluded_days_are_passed_over_and_counted() -> None:
    assert on_days("FREQ=DAILY", "2026-12-01", 2, exdates=["2026-12-02", "2026-12-04"]) == ["2026-12-03", "2026-12-05"]
    assert on_days("FREQ=DAILY;COUNT=3", "2026-12-01", exdates=["2026-12-02"]) == ["2026-12-03"]
    excluded = ["2026-12-02T08:00:00.000000Z"]
    assert at_instants("FREQ=DAILY", "2026-12-01T08:00:00Z", 1, exdates=excluded) == ["2026-12-03T08:00:00Z"]


def test_a_time_of_day_stays_where_the_clocks_change() -> None:
    spring = at_instants("FREQ=DAILY", "2026-03-28T08:00:00+01:00")
    assert spring == ["2026-03-29T06:00:00Z", "2026-03-30T06:00:00Z", "2026-03-31T06:00:00Z"]
    autumn = at_instants("FREQ=DAILY", "2026-10-24T08:00:00+02:00")
    assert autumn == ["2026-10-25T07:00:00Z", "2026-10-26T07:00:00Z", "2026-10-27T07:00:00Z"]


def test_an_hour_that_is_skipped_is_meant_by_the_offset_before_and_comes_back_the_day_after() -> None:
    found = at_instants("FREQ=DAILY", "2026-03-28T02:30:00+01:00")
    assert found == ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"]


def test_an_hour_that_comes_twice_is_the_first() -> None:
    found = at_instants("FREQ=DAILY", "2026-10-24T02:30:00+02:00")
    assert found == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z"]


def test_a_midnight_that_is_skipped_moves_the_series_to_no_other_day() -> None:
    found = at_instants("FREQ=WEEKLY;BYDAY=SU", "2026-03-22T00:30:00+02:00", timezone="Asia/Beirut")
    assert found[:2] == ["2026-03-28T22:30:00Z", "2026-04-04T21:30:00Z"]


def test_another_time_of_day_that_somebody_gave_it_since_is_kept() -> None:
    series = recurrence("FREQ=DAILY", time_of_day="08:00:00")
    moved = Dates(None, None, datetime(2026, 12, 1, 16, tzinfo=UTC))
    found = occurrences.following(series, moved, NOW)
    assert found is not None
    assert (found.due, str(found.time_of_day)) == ("2026-12-02T16:00:00.000000Z", "17:00:00")


@pytest.mark.parametrize(
    ("until", "most"),
    [("20261203T080000Z", 2), ("20261203T075959Z", 1), ("20261203", 2), ("20261203T090000", 2), ("20261203T085959", 1)],
)
def test_until_is_an_instant_a_local_time_or_a_day_to_its_end(until: str, most: int) -> None:
    assert len(at_instants(f"FREQ=DAILY;UNTIL={until}", "2026-12-01T09:00:00+01:00")) == most


def test_from_completion_days_are_counted_in_the_zone_of_the_rule() -> None:
    """At 12:00 UTC it is the 22nd already on Kiritimati."""
    series = recurrence("FREQ=DAILY;INTERVAL=3", mode="completion", timezone="Pacific/Kiritimati")
    late, early = (Dates(None, date(2026, 11, day), None) for day in (1, 28))
    assert [occurrences.following(series, dates, NOW, done=True).due for dates in (late, early)] == ["2026-11-25"] * 2  # type: ignore[union-attr]
    skipped = occurrences.following(series, early, NOW)
    assert skipped is not None
    assert skipped.due == "2026-12-01"


def test_dates_move_together() -> None:
    dates = Dates(date(2026, 11, 20), date(2026, 11, 25), None)
    found = occurrences.following(recurrence("FREQ=MONTHLY"), dates, NOW)
    assert found is not None
    assert found.dates == Dates(date(2026, 12, 20), date(2026, 12, 25), None)


def test_every_rule_is_looked_at_for_some_milliseconds_only() -> None:
    """dateutil alone takes seconds for those that match nothing: a hundred times as long as all of these together."""
    random.seed(2026)
    texts = [
        *(
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        ),
        *("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31", "FREQ=WEEKLY;INTERVAL=1000;BYDAY=TU;BYSETPOS=9"),
        *("FREQ=DAILY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29"),
    ]
    began = time.process_time()
    for text in texts:
        assert list(rule.days_after(rule.parsed(text), date(2026, 11, 21))) == [], text
    assert time.process_time() - began < len(texts)
