"""A storage of each kind, empty."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from taskapi.core.storage.opening import storage_of
from taskapi.core.storage.storage import Storage
from taskapi.settings import Settings, StorageSettings
from tests.support.s3 import BUCKET, S3Server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    server.stop()


def in_bucket(server: S3Server, **more: object) -> Storage:
    """`more`: settings, by the names of their variables."""
    settings = StorageSettings.model_validate(
        {
            "STORAGE_URL": f"s3://{BUCKET}/{uuid4().hex}",
            "TASKAPI_STORAGE_ENDPOINT": server.endpoint,
            "TASKAPI_STORAGE_REGION": "eu-central-1",
            "TASKAPI_STORAGE_ACCESS_KEY_ID": "somebody",
            "TASKAPI_STORAGE_SECRET_ACCESS_KEY": "a secret",
            **more,
        }
    )
    return storage_of(Settings().model_copy(update={"storage": settings}))


def in_directory(path: Path) -> Storage:
    settings = StorageSettings.model_validate({"STORAGE_URL": path.as_uri()})
    return storage_of(Settings().model_copy(update={"storage": settings}))


@pytest.fixture(params=["directory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        return in_bucket(request.getfixturevalue("s3"))
    return in_directory(tmp_path / "files")
