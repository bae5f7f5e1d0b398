"""What can go wrong with checklists."""

from taskapi.core.errors import Conflict


class ChecklistFull(Conflict):
    """Delete an item, or make subtasks of some."""

    code, title = "checklist_full", "The checklist has too many items"
