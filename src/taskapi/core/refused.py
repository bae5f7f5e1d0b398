"""The end of a command that cannot do its work: a line for the person at the terminal, never a traceback."""


class Refused(Exception):
    """The message says what to do about it."""

    def __init__(self, reason: str, *, exit_code: int = 2) -> None:
        super().__init__(reason)
        self.exit_code = exit_code
