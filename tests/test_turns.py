"""Whose turn it is among the processes of a run."""

import fcntl
import time
from pathlib import Path
from threading import Thread

from tests.support.turns import turn


def is_taken(file: Path) -> bool:
    with file.open("w") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_who_wants_to_be_alone_waits_for_those_who_run_and_goes_before_those_who_come(tmp_path: Path) -> None:
    ran: list[str] = []

    def run(name: str, *, is_alone: bool) -> None:
        with turn(tmp_path, is_alone=is_alone):
            ran.append(name)

    measuring = Thread(target=run, args=("measuring",), kwargs={"is_alone": True})
    late = Thread(target=run, args=("late",), kwargs={"is_alone": False})
    with turn(tmp_path, is_alone=False):
        run("beside", is_alone=False)
        measuring.start()
        while not is_taken(tmp_path / "gate"):
            time.sleep(0.01)
        late.start()
        assert ran == ["beside"]
    measuring.join()
    late.join()
    assert ran == ["beside", "measuring", "late"]
