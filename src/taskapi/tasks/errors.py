"""What can go wrong with tasks."""

from taskapi.core.errors import Conflict, Invalid, NotFound
from taskapi.core.http import references
from taskapi.core.http.references import Reference


class ParentCycle(Conflict):
    """The parent you named is the task itself, or one of its subtasks at some depth."""

    code, title = "parent_cycle", "A task cannot be below itself"


class TooDeep(Conflict):
    """Subtasks hang at most five levels below a task that has no parent, those below the one you move included."""

    code, title = "too_deep", "Subtasks would hang too deep"


class TooManySubtasks(Conflict):
    """A task moves to another project with all its subtasks in one step: move some of them first."""

    code, title = "too_many_subtasks", "The task has too many subtasks for one step"


class NoSuchStatus(Conflict):
    """Completing and reopening need a status of the right category."""

    code, title = "no_such_status", "The project has no status for this"


class TooMuchToMerge(Conflict):
    """What hangs on a task goes to another one in one transaction: 10,000 comments and 10,000 time entries at most."""

    code, title = "too_much_to_merge", "The task has too much to be merged"


class TaskClosed(Conflict):
    """It is done or cancelled: reopen it first."""

    code, title = "task_closed", "The task is closed"


class UnknownReference(Invalid):
    """The same answer for what does not exist and for what you may not see."""

    def __init__(self, pointer: str, code: str, detail: str) -> None:
        super().__init__(detail, (pointer, code, detail))


def unknown_status(pointer: str = "/status") -> UnknownReference:
    return UnknownReference(pointer, "unknown_status", "The project has no status with this key")


def unknown_parent() -> UnknownReference:
    return UnknownReference("/parent_id", "unknown_parent", "The project has no task with this id")


def unknown_assignee(index: int, field: str = "/assignee_ids") -> UnknownReference:
    return UnknownReference(f"{field}/{index}", "unknown_assignee", "The project has no member with this id")


def unknown_member(index: int, field: str) -> UnknownReference:
    return UnknownReference(f"{field}/{index}", "unknown_member", "The project has no member with this id")


def starts_after_due(pointer: str) -> Invalid:
    return Invalid("A task begins before it is due", (pointer, "starts_after_due", "start_on would be after due_on"))


def unknown_label(index: int) -> UnknownReference:
    return UnknownReference(f"/label_ids/{index}", "unknown_label", "The project has no label with this id")


def unknown_milestone() -> UnknownReference:
    return UnknownReference("/milestone_id", "unknown_milestone", "The project has no milestone with this id")


def unknown_cycle() -> UnknownReference:
    return UnknownReference("/cycle_id", "unknown_cycle", "The project has no cycle with this id")


def unknown_template() -> UnknownReference:
    return UnknownReference("/template_id", "unknown_template", "The project has no template with this id")


def unknown_neighbour(pointer: str) -> UnknownReference:
    return UnknownReference(pointer, "unknown_task", "The project has no task with this id or key")


class UnknownField(UnknownReference):
    """Told after whether there is a project at all."""

    def __init__(self, pointer: str, key: str) -> None:
        super().__init__(pointer, "unknown_field", f"No project that this lists has a custom field {key}")


def ambiguous_field(pointer: str, key: str) -> Invalid:
    detail = f"Your projects have custom fields {key} of several types; ask for the tasks of one project"
    return Invalid(detail, (pointer, "ambiguous_field", detail))


def unfit_field_value(key: str, must: str) -> Invalid:
    detail = f"must be {must}, or none"
    return Invalid("A value does not fit its custom field", (f"/query/field.{key}", "invalid_value", detail))


def field_needs_a_project() -> Invalid:
    detail = "Tasks are sorted by a custom field in the list of one project"
    return Invalid(detail, ("/query/sort", "needs_a_project", detail))


def parsed_neighbour(name: str, pointer: str) -> Reference:
    try:
        return references.task(name)
    except NotFound:
        raise unknown_neighbour(pointer) from None


class TooManyGroups(Invalid):
    """A list is shown in a hundred groups at most: name those that you want, or narrow the list."""

    code, title = "too_many_groups", "The list falls into too many groups"

    def __init__(self, most: int) -> None:
        detail = f"There are more than {most} groups; give the parameter of the same name for those that you want"
        super().__init__(detail, ("/query/group_by", self.code, detail))


class InvalidFilter(Invalid):
    """The filter cannot be read: `column` says from which character on (the first is 1), the detail what would do."""

    code, title = "invalid_filter", "The filter cannot be read"

    def __init__(self, pointer: str, column: int, detail: str) -> None:
        super().__init__(f"Column {column} of the filter: {detail}", (pointer, self.code, detail))
        self.members["column"] = column
        self.members["errors"][0]["column"] = column
