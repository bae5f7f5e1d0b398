"""What becomes of saved views beside what the verbs of resources tell."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact, deletion
from taskapi.core.resources.document import Document


def view_deleted(view: Document) -> Fact:
    """Of a personal one, which is told to no project."""
    fields = view.fields()
    return Fact("view.deleted", "view", UUID(fields["id"]), deletion(fields))
