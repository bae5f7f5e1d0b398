"""What can go wrong with stored files, as clients are told."""

from taskapi.core.errors import NotFound, Unavailable


class ObjectMissing(NotFound):
    """We know of this file, but its content is not in the storage any more; whoever runs this service can tell why."""

    code, title = "content_missing", "The content of this file is missing"


class StorageUnavailable(Unavailable):
    """Where files lie cannot be reached; all that needs no files goes on. Try again after `Retry-After` seconds."""

    code, title = "file_storage_unavailable", "Files cannot be reached"

    def __init__(self, detail: str = "The storage of files does not answer") -> None:
        super().__init__(detail, retry_after=5)


class NoRoomForFiles(StorageUnavailable):
    """Where files lie is no room left; whoever runs this service has to make some. All that needs no files goes on."""

    status, code, title = 507, "file_storage_full", "There is no room left for files"

    def __init__(self) -> None:
        super().__init__("The storage of files has no room left")
