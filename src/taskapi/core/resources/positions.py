"""An order without gaps: who stands where, counted from 0 and kept in a column `position`."""

from collections.abc import Mapping, Sequence

from taskapi.core.resources.document import Document


def shifts(order: Sequence[Document | None]) -> list[tuple[Document, Mapping[str, object]]]:
    """The new positions of those that are not where they stand in this order; None keeps a place for a new one."""
    return [
        (document, {"position": position})
        for position, document in enumerate(order)
        if document is not None and document.fields()["position"] != position
    ]
