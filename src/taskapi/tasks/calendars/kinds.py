"""What tasks are in a calendar; apart, for what writes calendars takes a while to import."""

from enum import StrEnum


class EntryKind(StrEnum):
    """What tasks are shown as."""

    TO_DO = "todo"
    EVENT = "event"
