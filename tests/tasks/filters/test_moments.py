"""A day in a time zone is what its clocks say, also where they skip midnight or repeat it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.tasks.filters.moments import Moment, start_of, zone_named

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("UTC", date(2026, 3, 10), datetime(2026, 3, 10, 0, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 10), datetime(2026, 3, 9, 23, tzinfo=UTC)),
        ("Pacific/Kiritimati", date(2026, 3, 10), datetime(2026, 3, 9, 10, tzinfo=UTC)),
        ("America/Los_Angeles", date(2026, 7, 1), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        # Midnight was skipped there: the day began at one.
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # Midnight came twice: the day begins with the first.
        ("America/Havana", date(2025, 11, 2), datetime(2025, 11, 2, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_where_its_clocks_say(zone: str, day: date, expected: datetime) -> None:
    assert start_of(day, ZoneInfo(zone)) == expected


@given(zone=ZONES, instant=INSTANTS)
def test_an_instant_parts_the_days_that_have_begun_from_the_others(zone: ZoneInfo, instant: datetime) -> None:
    moment = Moment.of_instant(instant, zone)
    assert start_of(moment.day, zone) >= instant > start_of(moment.day - timedelta(days=1), zone)
    assert moment.earliest <= moment.at <= moment.latest


def test_a_zone_that_this_machine_does_not_know_counts_as_utc() -> None:
    assert zone_named("Europe/Atlantis") == ZoneInfo("UTC")
    assert zone_named("Europe/Vienna") == ZoneInfo("Europe/Vienna")
