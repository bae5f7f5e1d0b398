"""What can go wrong with an import, as clients are told."""

from taskapi.core.errors import Conflict, Invalid, TooLarge


class ImportInProgress(Conflict):
    """A project has one import at a time: wait until it is done, or cancel it with DELETE."""

    code, title = "import_in_progress", "Another import of this project is not done yet"


class ImportOver(Conflict):
    """It is done, has failed or was cancelled, and there is nothing left to cancel."""

    code, title = "import_over", "The import is over"


class FileTooLarge(TooLarge):
    """Split the file; the detail names the limit."""

    code, title = "import_too_large", "The file is too large"
    told_as = "user.upload_refused"


class UnreadableFile(Invalid):
    """The file is not of the format that was named; the detail says why."""

    code, title = "unreadable_file", "The file cannot be read"
    told_as = "user.upload_refused"


class Stopped(Exception):
    """A run goes no further: what its import says of that."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def unreadable(detail: str) -> UnreadableFile:
    return UnreadableFile(detail, ("/file", "unreadable_file", detail))
