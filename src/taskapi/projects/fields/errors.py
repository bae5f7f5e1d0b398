"""What can go wrong with custom fields and their values."""

from taskapi.core.errors import Conflict, Invalid
from taskapi.core.http.pointers import pointer


class FieldKeyTaken(Conflict):
    """A project has a key once, and it stays the field's for ever."""

    code, title = "field_key_taken", "The project has a custom field with this key"


class FieldOptionInUse(Conflict):
    """Tasks have this option, those in the trash included: give them another value before you take it away."""

    code, title = "field_option_in_use", "Tasks have this option"


class TooManyFields(Conflict):
    """Delete those that nobody fills in any more."""

    code, title = "too_many_fields", "The project has too many custom fields"


class InvalidValues(Invalid):
    """Each fault points at the field's value, as `/fields/severity`."""


def faulty(faults: list[tuple[str, str, str]]) -> InvalidValues:
    """Of `(key, code, detail)`."""
    return InvalidValues(
        "Some values do not fit the project's custom fields", *((pointer(["fields", k]), c, d) for k, c, d in faults)
    )


def bad_options(index: int | None, code: str, detail: str) -> Invalid:
    place = "/options" if index is None else f"/options/{index}"
    return Invalid(detail, (place, code, detail))
