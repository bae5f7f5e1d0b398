"""Collections of garbage that are long enough to be felt are told; all others cost nothing but two looks at a clock."""

import gc

import pytest

from taskapi.core.observing import garbage
from taskapi.core.observing.metrics import Metrics

pytestmark = pytest.mark.slow


def test_a_long_collection_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_WORTH_TELLING", 0.0)
    told: list[float] = []
    with garbage.pauses(told.append):
        gc.collect()
    gc.collect()
    assert len(told) == 1
    assert 0 < told[0] < 60


def test_a_short_one_is_not() -> None:
    told: list[float] = []
    with garbage.pauses(told.append):
        gc.collect()
        told.clear()
        gc.collect(0)  # there is nothing young left
    assert told == []


def test_it_is_a_figure_like_others() -> None:
    metrics = Metrics()
    metrics.garbage_pauses.observe(0.02)
    text = metrics.render().decode()
    assert 'taskapi_gc_pause_seconds_bucket{le="0.01"} 0.0' in text
    assert 'taskapi_gc_pause_seconds_bucket{le="0.025"} 1.0' in text
