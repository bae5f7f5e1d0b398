"""Facts about reactions; those about comments are told by the verbs that write them."""

from taskapi.core.change_log.publish import Fact, creation, deletion
from taskapi.core.fields import rfc3339
from taskapi.core.resources.document import Fields
from taskapi.core.resources.records import Place
from taskapi.tasks.comments.queries import ReactionRow


def reaction_added(task: Place, row: ReactionRow) -> Fact:
    return Fact("reaction.added", "reaction", row["id"], creation(_fields(row)), task.project_id, task.key)


def reaction_removed(task: Place, row: ReactionRow) -> Fact:
    return Fact("reaction.removed", "reaction", row["id"], deletion(_fields(row)), task.project_id, task.key)


def _fields(row: ReactionRow) -> Fields:
    return {**row, "created_at": rfc3339(row["created_at"])}
