"""What can go wrong with links."""

from taskapi.core.errors import Conflict
from taskapi.tasks.errors import UnknownReference


class LinkExists(Conflict):
    """Two tasks have a link of a type once, whichever of them it was made from."""

    code, title = "link_exists", "The two tasks have such a link already"


class DependencyCycle(Conflict):
    """A task would wait for itself: delete one of the links in between first."""

    code, title = "dependency_cycle", "Tasks would block each other in a circle"


class TooManyLinks(Conflict):
    """Delete a link that nobody needs."""

    code, title = "too_many_links", "The task has too many links"


def unknown_task() -> UnknownReference:
    return UnknownReference("/task_id", "unknown_task", "There is no such task, or you are not in its project")


def itself() -> UnknownReference:
    return UnknownReference("/task_id", "same_task", "A task is linked with another one, not with itself")
