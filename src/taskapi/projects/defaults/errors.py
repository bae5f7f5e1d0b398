"""What can be wrong with the defaults of a project."""

from taskapi.core.errors import Invalid


def unknown_status() -> Invalid:
    return _unknown("status", "unknown_status", "The project has no status with this key")


def unknown_assignee(index: int) -> Invalid:
    return _unknown(f"assignee_ids/{index}", "unknown_assignee", "The project has no member with this id")


def unknown_label(index: int) -> Invalid:
    return _unknown(f"label_ids/{index}", "unknown_label", "The project has no label with this id")


def _unknown(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, (f"/defaults/{pointer}", code, detail))
