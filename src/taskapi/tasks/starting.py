"""What a new task starts with: what it says, and where it says nothing, what its project has for that."""

from typing import Any, Final

from taskapi.core.resources.document import Fields
from taskapi.tasks.schemas import TaskCreate

_INHERITED: Final = ("priority", "assignee_ids", "label_ids")


def inherited(data: TaskCreate, defaults: Fields) -> dict[str, Any]:
    """Of the project's defaults those that the task says nothing about: an empty list says nobody, and null nothing."""
    return {name: defaults[name] for name in _INHERITED if name in defaults and name not in data.model_fields_set}
