"""Which storage the settings choose; nothing is opened yet."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from taskapi.core.storage.local import LocalStorage
from taskapi.core.storage.s3 import S3Storage
from taskapi.core.storage.storage import Storage
from taskapi.settings import Settings


def storage_of(settings: Settings) -> Storage:
    if settings.storage.url is None:
        return LocalStorage(settings.data_dir.absolute() / "files")
    url = urlsplit(settings.storage.url)
    if url.scheme == "s3":
        return S3Storage(url.netloc, unquote(url.path).strip("/"), settings.storage)
    return LocalStorage(Path(unquote(url.path)))
