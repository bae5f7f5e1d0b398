"""What all tests of the log as clients read it need."""

import pytest


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests have transactions open on this server: they are noticed at once."""
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)
