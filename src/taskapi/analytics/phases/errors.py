"""What can go wrong where reports look back."""

from taskapi.core.errors import Unavailable


class ReportsNotReady(Unavailable):
    """Reports of what was on earlier days wait until a worker has read the change log: try again a little later."""

    code, title = "reports_not_ready", "The report is not ready yet"

    def __init__(self) -> None:
        super().__init__(
            "A worker has still to read what happened here; ask again in a while, and see whether one runs",
            retry_after=10,
        )
