"""A task to attach to, and a storage that holds nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from taskapi.core.storage.opening import storage_of
from taskapi.core.storage.storage import Storage
from tests.support.factory import Factory, MadeProject


@pytest.fixture
async def task(make: Factory, web: MadeProject) -> dict[str, Any]:
    return await make.task(web)


@pytest.fixture
def own_storage(app: FastAPI, tmp_path: Path) -> Iterator[Storage]:
    """That of the application, for this test."""
    parts = app.state.parts
    before = (parts.settings, parts.storage)
    place = parts.settings.storage.model_copy(update={"url": (tmp_path / "own").as_uri()})
    settings = parts.settings.model_copy(update={"storage": place})
    object.__setattr__(parts, "settings", settings)
    object.__setattr__(parts, "storage", storage_of(settings))
    yield parts.storage
    object.__setattr__(parts, "settings", before[0])
    object.__setattr__(parts, "storage", before[1])
