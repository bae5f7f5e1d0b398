"""Why the embedded PostgreSQL cannot serve."""

from pathlib import Path


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot serve; the message is one line for the person at the terminal."""


class ProgramsNotFound(EmbeddedError):
    pass


class NoAccount(EmbeddedError):
    pass


class AlreadyRunning(EmbeddedError):
    def __init__(self, data_dir: Path, pid: int | None) -> None:
        super().__init__(
            f"{data_dir} is in use by process {pid or '(unknown)'}: "
            "stop that one first, or choose another place with TASKAPI_DATA_DIR"
        )
        self.pid = pid


class WrongMajorVersion(EmbeddedError):
    pass


class StartFailed(EmbeddedError):
    pass
