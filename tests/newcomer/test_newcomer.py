"""The visitor's own judgement; `make newcomer` makes the visits."""

import os
import time

from tests.newcomer.visit import Budgets, Listener, Visit

BUDGETS = Budgets(seconds=25, page=60, silence=5, megabytes=200)


def test_who_is_within_the_budgets_has_nothing_to_complain_about() -> None:
    assert (
        list(Visit(python="3.13.0", seconds=20, page=40, silence=3, megabytes=170, cpu_seconds=9).complaints(BUDGETS))
        == []
    )


def test_each_budget_has_its_complaint() -> None:
    slow = Visit(python="3.13.0", seconds=26, page=61, silence=6, megabytes=201, cpu_seconds=9, failure="not ready")
    assert len(list(slow.complaints(BUDGETS))) == 5


def test_silence_is_the_longest_time_without_a_line_also_before_the_first_and_after_the_last() -> None:
    reader, writer = os.pipe()
    with open(reader, "rb", buffering=0) as output:  # noqa: PTH123 - a descriptor
        listener = Listener(output)
        time.sleep(0.3)
        os.write(writer, b"here\n")
        listener.listen(60)
        assert listener.heard == "here\n"
        first = listener.silence
        assert first >= 0.3
        for _ in range(4):
            time.sleep(first / 2)
            listener.listen(0)
        assert listener.silence >= 2 * first
    os.close(writer)
