"""What can go wrong with attachments."""

from taskapi.core.errors import AppError, NotFound, TooLarge


class FileTooLarge(TooLarge):
    """One file may have so many bytes, as the detail says."""

    code, title = "file_too_large", "The file is too large"
    told_as = "user.upload_refused"


class QuotaReached(AppError):
    """Files have taken all the room that they may take; the detail says whose, and how much that is."""

    status = 507
    told_as = "user.upload_refused"


class TaskFilesFull(QuotaReached):
    """A task may have so many files, and so many bytes of them: delete some, or put this one on another task."""

    code, title = "task_files_full", "The task has no room for this file"


class ProjectFilesFull(QuotaReached):
    """The files of a project may have so many bytes together: delete some, or ask whoever runs this service."""

    code, title = "project_files_full", "The project has no room for this file"


class UserFilesFull(QuotaReached):
    """The files that one person has attached may have so many bytes together: delete some, or ask for more."""

    code, title = "user_files_full", "You have no room for this file"


def together(whose: str, most: int) -> str:
    """What is said of a bound on all files of something."""
    return f"The files of {whose} may have {most} bytes together"


class NoPreview(NotFound):
    """There is none: of what is no image, of one that cannot be drawn, or not yet, for some seconds."""

    code, title = "no_preview", "This file has no preview"
