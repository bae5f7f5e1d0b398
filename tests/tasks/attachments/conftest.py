"""A task to attach to, and a storage that holds nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from taskapi.core.storage.local import LocalStorage
from tests.support.factory import Factory, MadeProject


@pytest.fixture
async def task(make: Factory, web: MadeProject) -> dict[str, Any]:
    return await make.task(web)


@pytest.fixture
def own_storage(app: FastAPI, tmp_path: Path) -> Iterator[LocalStorage]:
    """That of the application, for this test."""
    parts = app.state.parts
    before = parts.storage
    own = LocalStorage(tmp_path / "own")
    object.__setattr__(parts, "storage", own)
    yield own
    object.__setattr__(parts, "storage", before)
