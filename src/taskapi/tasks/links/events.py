"""Facts about links: told in the project of each of its two tasks, by the key of the task that is there."""

from collections.abc import Iterable
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation, deletion
from taskapi.core.resources.document import Fields

# The project and the key of a task.
End = tuple[UUID | None, str | None]


def link_created(fields: Fields, *ends: End) -> list[Fact]:
    return [_fact("link.created", fields, creation(fields), end) for end in _of_each_project(ends)]


def link_deleted(fields: Fields, *ends: End) -> list[Fact]:
    return [_fact("link.deleted", fields, deletion(fields), end) for end in _of_each_project(ends)]


def _of_each_project(ends: Iterable[End]) -> list[End]:
    """Within one project it is told once, of the task that it was made from or deleted from."""
    first: dict[UUID | None, str | None] = {}
    for project_id, key in ends:
        first.setdefault(project_id, key)
    return list(first.items())


def _fact(kind: str, fields: Fields, changes: Changes, end: End) -> Fact:
    project_id, key = end
    return Fact(kind, "link", UUID(fields["id"]), changes, project_id, key)
