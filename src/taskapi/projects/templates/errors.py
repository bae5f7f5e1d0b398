"""What can go wrong with templates of tasks."""

from taskapi.core.errors import Conflict, Invalid


class TaskTemplateNameTaken(Conflict):
    """A project has a name of a template once, whatever the case of its letters."""

    code, title = "task_template_name_taken", "The project has a template of this name"


class TooManyTaskTemplates(Conflict):
    """Delete those that nobody uses any more."""

    code, title = "too_many_task_templates", "The project has too many templates"


def unknown_assignee(index: int) -> Invalid:
    return _unknown(f"/assignee_ids/{index}", "unknown_assignee", "The project has no member with this id")


def unknown_label(index: int) -> Invalid:
    return _unknown(f"/label_ids/{index}", "unknown_label", "The project has no label with this id")


def _unknown(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, (pointer, code, detail))
