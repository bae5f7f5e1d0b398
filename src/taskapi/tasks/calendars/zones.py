"""Time zones as calendars are told of them: from when to when the clocks go by which rule (RFC 5545 §3.6.5).

By rules, and not by a list of days: programs are about that only know one day of such a list, and show summer times an
hour off. And a rule has no last year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FIRST_YEAR, _LAST_YEAR = 1970, 2037
_WEEK: Final = 7
_Rule: TypeAlias = tuple[int, str]
"""The month, and which of its weekdays: `-1SU` is the last Sunday."""


@dataclass(frozen=True, slots=True)
class _Change:
    """The clocks are put forward or back, `at` an instant that they show before it."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def rules(self) -> frozenset[_Rule]:
        """Those by which it may have been: the fourth Sunday may be the last, too."""
        day = _WEEKDAYS[self.at.weekday()]
        counted = {f"{(self.at.day - 1) // _WEEK + 1}{day}"}
        if (self.at + timedelta(days=_WEEK)).month != self.at.month:
            counted.add(f"-1{day}")
        return frozenset((self.at.month, which) for which in counted)


@cache
def told(key: str) -> bytes:
    zone = ZoneInfo(key)
    whole = Timezone()
    whole.add("tzid", key)
    start = datetime(_FIRST_YEAR, 1, 1, tzinfo=zone)
    offset = _offset(start)
    _add(whole, _Change(start.replace(tzinfo=None), offset, offset, str(start.tzname())), None, None)
    for run, rule in _runs(list(_changes(zone))):
        _add(whole, run[0], rule, run[-1])
    return bytes(whole.to_ical())


def _changes(zone: ZoneInfo) -> Iterator[_Change]:
    """Looked for by days, and found by halving."""
    at, end = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    before = _offset(at.astimezone(zone))
    while at < end:
        following = at + timedelta(days=1)
        after = _offset(following.astimezone(zone))
        if after != before:
            instant = _first_after(zone, at, following, before)
            name = str(instant.astimezone(zone).tzname())
            yield _Change((instant + before).replace(tzinfo=None), before, after, name)
        at, before = following, after


def _first_after(zone: ZoneInfo, low: datetime, high: datetime, before: timedelta) -> datetime:
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if _offset(middle.astimezone(zone)) == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _runs(changes: list[_Change]) -> Iterator[tuple[list[_Change], _Rule | None]]:
    """Changes of years that follow each other, and that one rule has; None: of one that stands alone."""
    kinds: dict[tuple[object, ...], list[_Change]] = {}
    for change in changes:
        kinds.setdefault((change.before, change.after, change.name, change.at.time()), []).append(change)
    for kind in kinds.values():
        run, rules = [kind[0]], kind[0].rules
        for change in kind[1:]:
            if change.at.year == run[-1].at.year + 1 and rules & change.rules:
                run, rules = [*run, change], rules & change.rules
            else:
                yield run, min(rules, key=lambda rule: rule[1]) if len(run) > 1 else None
                run, rules = [change], change.rules
        yield run, min(rules, key=lambda rule: rule[1]) if len(run) > 1 else None


def _add(whole: Timezone, first: _Change, rule: _Rule | None, last: _Change | None) -> None:
    part = TimezoneDaylight() if first.after > first.before else TimezoneStandard()
    part.add("dtstart", first.at)
    if rule is not None and last is not None:
        month, which = rule
        yearly: dict[str, object] = {"freq": "yearly", "bymonth": month, "byday": which}
        if last.at.year < _LAST_YEAR:
            # A day late: programs are about that compare its UTC with local times.
            yearly["until"] = (last.at - last.before + timedelta(days=1)).replace(tzinfo=UTC)
        part.add("rrule", yearly)
    part.add("tzoffsetfrom", first.before)
    part.add("tzoffsetto", first.after)
    part.add("tzname", first.name)
    whole.add_component(part)


def _offset(moment: datetime) -> timedelta:
    found = moment.utcoffset()
    assert found is not None
    return found
