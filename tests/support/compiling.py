"""Sees what SQLAlchemy compiles."""

from typing import Any

import pytest
from sqlalchemy.sql.compiler import SQLCompiler


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is compiled from now on, as SQL."""
    seen: list[str] = []
    compile_ = SQLCompiler.__init__

    def noted(self: SQLCompiler, *args: Any, **kwargs: Any) -> None:
        compile_(self, *args, **kwargs)
        seen.append(self.string)

    monkeypatch.setattr(SQLCompiler, "__init__", noted)
    return seen
