"""Why a change stays."""

from collections.abc import Sequence
from typing import Any

from taskapi.core.errors import Conflict


class NotRevertible(Conflict):
    """What happened cannot be taken back, or not any more: the detail says why, and what would do instead."""

    code, title = "not_revertible", "This cannot be undone"


class ChangedSince(Conflict):
    """It is no longer as the change left it: `changes` lists the later ones that touched the same fields, oldest first.

    Revert these first, the newest before the others, or change it as you want it.
    """

    code, title = "changed_since", "It has changed since"

    def __init__(self, later: Sequence[dict[str, Any]]) -> None:
        super().__init__("It is no longer as this change left it; `changes` lists what came after", changes=later)


class UnlikeThen(Exception):
    """These fields are not as the change left them; whoever looks into the log makes a ChangedSince of it."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = names
