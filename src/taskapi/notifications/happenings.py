"""What of the change log somebody is told, and who: the persons named, or whoever watches the task."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from taskapi.core.callers import CallerKind
from taskapi.core.change_log.tail import LoggedChange
from taskapi.models import NotificationKind

# Of one change everybody is told one thing: the first of these that is for them.
_STRENGTH: Final = {
    NotificationKind.MENTIONED: 0,
    NotificationKind.ASSIGNED: 1,
    NotificationKind.INVITED: 1,
    NotificationKind.COMMENTED: 2,
    NotificationKind.STATUS_CHANGED: 3,
    NotificationKind.RULE: 4,
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing of one change."""

    place: int
    """Of the change among those that are read together."""
    strength: int
    kind: str
    actor_id: str | None
    in_project: str | None
    task_id: str | None = None
    comment_id: str | None = None
    invitation_id: str | None = None
    user_id: str | None = None
    """Who is told; None: whoever watches the task, or was invited."""


def of(changes: Sequence[LoggedChange]) -> list[Happening]:
    """What nobody did, such as a sweep, is told to nobody."""
    done_by_people = ((place, change) for place, change in enumerate(changes) if _is_by_somebody(change))
    return [happening for place, change in done_by_people for happening in _of_change(place, change)]


def by_rule(project_id: UUID, task_id: UUID, user_ids: Sequence[UUID]) -> list[Happening]:
    """What a rule tells of a task to these people, or to whoever watches it; its owner may be among them."""
    of_task = Happening(0, _STRENGTH[NotificationKind.RULE], NotificationKind.RULE, None, str(project_id), str(task_id))
    return [replace(of_task, user_id=str(user_id)) for user_id in user_ids] or [of_task]


def _is_by_somebody(change: LoggedChange) -> bool:
    return change.actor_id is not None and change.actor_kind != CallerKind.SYSTEM


def _of_change(place: int, change: LoggedChange) -> Iterator[Happening]:
    if change.kind == "task.left":
        return
    if change.subject_type == "task":
        yield from _of_task(place, change)
    elif change.subject_type == "comment":
        yield from _of_comment(place, change)
    elif change.kind == "member.added":
        yield _happening(place, change, NotificationKind.INVITED, user_id=str(change.subject_id))
    elif change.kind == "invitation.created":
        yield _happening(place, change, NotificationKind.INVITED, invitation_id=str(change.subject_id))


def _of_task(place: int, change: LoggedChange) -> Iterator[Happening]:
    task_id = str(change.subject_id)
    yield from _named(place, change, NotificationKind.MENTIONED, "mentions", task_id=task_id)
    yield from _named(place, change, NotificationKind.ASSIGNED, "assignee_ids", task_id=task_id)
    before, after = change.changes.get("status", (None, None))
    if before is not None and after is not None:
        yield _happening(place, change, NotificationKind.STATUS_CHANGED, task_id=task_id)


def _of_comment(place: int, change: LoggedChange) -> Iterator[Happening]:
    """The task of one that is edited stands in its row."""
    comment_id = str(change.subject_id)
    yield from _named(place, change, NotificationKind.MENTIONED, "mentions", comment_id=comment_id)
    if change.kind == "comment.created":
        task_id = _text(change.changes.get("task_id", (None, None))[1])
        yield _happening(place, change, NotificationKind.COMMENTED, task_id=task_id, comment_id=comment_id)


def _named(
    place: int, change: LoggedChange, kind: NotificationKind, field: str, **about: str | None
) -> Iterator[Happening]:
    """Those whom the field names now, and did not before."""
    before, after = (_texts(side) for side in change.changes.get(field, (None, None)))
    for user_id in after:
        if user_id not in before:
            yield _happening(place, change, kind, **about, user_id=user_id)


def _happening(place: int, change: LoggedChange, kind: NotificationKind, **about: str | None) -> Happening:
    return Happening(place, _STRENGTH[kind], kind, _text(change.actor_id), _text(change.project_id), **about)


def _texts(ids: object) -> list[str]:
    return [str(one) for one in ids] if isinstance(ids, Iterable) and not isinstance(ids, str) else []


def _text(identity: object) -> str | None:
    return None if identity is None else str(identity)
