"""Which changes are security events: those of accounts, of ways in, of rights, and what administrators do."""

from typing import Final

from taskapi.core.change_log.kinds import ChangeKind

_FAMILIES: Final = frozenset(
    {
        *("user", "session", "api_token", "identity"),
        *("member", "invitation", "share_link", "webhook"),
        *("admin", "job", "backup", "export", "feed"),
    }
)
# Of projects, what decides who can still reach them.
_KINDS: Final = frozenset(
    {
        ChangeKind.PROJECT_TRANSFERRED,
        ChangeKind.PROJECT_DELETED,
        ChangeKind.PROJECT_RESTORED,
        ChangeKind.PROJECT_PURGED,
    }
)
AUDITED: Final = tuple(kind for kind in ChangeKind if kind.family in _FAMILIES or kind in _KINDS)
EVERYDAY: Final = (
    *("task", "link", "checklist_item", "time_entry"),
    *("comment", "reaction", "watcher", "reminder"),
)
"""Subjects of the many facts that are none of these: they are not in the index of the audit, and do not pay for it."""


def audited(kind: ChangeKind) -> ChangeKind:
    if kind not in AUDITED:
        raise ValueError("must be a security event; other changes are read in their projects")
    return kind
