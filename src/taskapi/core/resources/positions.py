"""Positions without gaps: what an order means for those who stand in it."""

from collections.abc import Sequence

from taskapi.core.resources.document import Document
from taskapi.core.resources.writing import Values


def shifts(order: Sequence[Document | None]) -> list[tuple[Document, Values]]:
    """The new positions of those that are not where they stand in this order; None keeps a place for a new one."""
    return [
        (document, {"position": position})
        for position, document in enumerate(order)
        if document is not None and document.fields()["position"] != position
    ]
