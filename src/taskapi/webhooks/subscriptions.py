"""Which kinds of changes a webhook can be told, and how it names those that it wants.

A webhook is the project's and outlives whoever made it, so it hears what every member may read, and no more.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from taskapi.core.access.permissions import GRANTS
from taskapi.core.access.reading import READING
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.models import ProjectRole

EVERYTHING: Final = "*"
PING: Final = "webhook.ping"
# A project that is gone for good has no webhook left to tell.
_NEVER: Final = {ChangeKind.PROJECT_PURGED}
TOLD: Final = tuple(
    kind
    for kind in ChangeKind
    if READING[kind].permission in GRANTS[ProjectRole.VIEWER] and READING[kind].scope and kind not in _NEVER
)
CHOICES: Final = (EVERYTHING, *dict.fromkeys(f"{kind.family}.*" for kind in TOLD), *(kind.value for kind in TOLD))
_TOLD: Final = frozenset(kind.value for kind in TOLD)


def known(choice: str) -> str:
    if choice not in CHOICES:
        raise ValueError(
            "must be *, the beginning of some kinds such as task.*, or a kind that every member of a project may read"
        )
    return choice


def wants(choices: Iterable[str], kind: str) -> bool:
    """`kind` may be of a newer version than this one, which then knows nothing of who may read it: nobody is told."""
    if kind not in _TOLD:
        return False
    matching = {EVERYTHING, f"{kind.partition('.')[0]}.*", kind}
    return any(choice in matching for choice in choices)


def kinds_of(choices: Sequence[str]) -> list[str]:
    return [kind for kind in _TOLD if wants(choices, kind)]
