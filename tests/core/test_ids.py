"""Ids sort in the order in which they were made."""

import time
from uuid import UUID

import pytest

from taskapi.core import ids

MS = 1_000_000
NOW = 1_800_000_000_000 * MS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the clock says, in nanoseconds; the last reading stays."""
    readings = [NOW]
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr(time, "time_ns", lambda: readings.pop(0) if len(readings) > 1 else readings[0])
    return readings


def milliseconds(made: UUID) -> int:
    return made.int >> 80


def test_ids_of_one_instant_sort_as_they_were_made(clock: list[int]) -> None:
    made = [ids.new_id() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {one.version for one in made} == {7}
    assert [milliseconds(made[0]), milliseconds(made[-1])] == [NOW // MS, NOW // MS + 2]


def test_a_clock_that_is_set_back_a_little_is_waited_for(clock: list[int]) -> None:
    clock[:] = [NOW, NOW - 5_000 * MS, NOW - 4_999 * MS, NOW + MS]
    made = [ids.new_id() for _ in range(4)]
    assert made == sorted(made)
    assert [milliseconds(one) - NOW // MS for one in made] == [0, 0, 0, 1]


def test_a_clock_that_had_been_an_hour_ahead_is_followed(clock: list[int]) -> None:
    clock[:] = [NOW + 3_600_000 * MS, NOW]
    assert [milliseconds(ids.new_id()) - NOW // MS for _ in range(2)] == [3_600_000, 0]


def test_no_two_processes_make_the_same(clock: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    made = set()
    for _ in range(1_000):
        monkeypatch.setattr(ids, "_last", 0)
        made.add(ids.new_id())
    assert len(made) == 1_000
