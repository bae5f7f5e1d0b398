"""What hangs on tasks, in SQL: each kind in pages of its own, in the order of the tasks, so that they can be merged."""

from collections.abc import Mapping
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.access.past import SEEN_FROM_THE_PROJECT
from taskapi.core.change_log.rendering import CHANGE_FIELDS
from taskapi.core.db.statements import Expression, Statement, as_json, as_text, prepare_text
from taskapi.models import CommentReaction, TaskLink, TaskWatcher
from taskapi.tasks.attachments.queries import ATTACHMENT_FIELDS
from taskapi.tasks.checklist.queries import ITEM
from taskapi.tasks.comments.queries import COMMENT_FIELDS
from taskapi.tasks.time_entries.queries import TIME_ENTRY_FIELDS

PAGE: Final = 500


class ChildRow(TypedDict):
    """Something that hangs on a task, where it stands among its kind, and whom it names."""

    task_id: UUID
    place: UUID
    body: str
    people: list[UUID]


class FactRow(TypedDict):
    """A fact about a task; facts about one are numbered while it is locked."""

    task_id: UUID
    place: int
    body: str
    people: list[UUID]


class OtherFactRow(TypedDict):
    """A fact about anything else in the project, in the order of the log."""

    xid: int
    seq: int
    body: str
    people: list[UUID]


# One page of a kind, behind a place.
_OF_TASKS: Final = """
    SELECT {task} AS task_id, {place} AS place, {body} AS body, {people} AS people
    FROM {source}
    WHERE {task} = ANY ($ids::uuid[]) AND ({task}, {place}) > ($after_task::uuid, $after::{type}){narrowed}
    ORDER BY {task}, {place}
    LIMIT {rows}
"""
_NOBODY: Final = "ARRAY[]::uuid[]"
_REACTION: Final[Mapping[str, Expression]] = {
    "id": CommentReaction.id,
    "comment_id": CommentReaction.comment_id,
    "emoji": CommentReaction.emoji,
    "user_id": CommentReaction.user_id,
    "created_at": CommentReaction.created_at,
}
_WATCHER: Final[Mapping[str, Expression]] = {
    "task_id": TaskWatcher.task_id,
    "user_id": TaskWatcher.user_id,
    "watching": TaskWatcher.watching,
}
# `type` is what a line says first.
_LINK: Final[Mapping[str, Expression]] = {
    "id": TaskLink.id,
    "link_type": TaskLink.type,
    "source_id": TaskLink.source_id,
    "target_id": TaskLink.target_id,
    "created_at": TaskLink.created_at,
    "version": TaskLink.version,
}
_CHANGE: Final[Mapping[str, Expression]] = {**CHANGE_FIELDS, "changes": SEEN_FROM_THE_PROJECT}
_ACTOR: Final = "array_remove(ARRAY[events.actor_id], NULL)"


def _children(table: str, body: str, people: str = _NOBODY, task: str = "task_id") -> Statement[ChildRow]:
    values = {"source": table, "task": f"{table}.{task}", "place": f"{table}.id", "body": body, "people": people}
    return prepare_text(_OF_TASKS.format(**values, type="uuid", narrowed="", rows=PAGE), row=ChildRow)


_reactions: Final[Statement[ChildRow]] = prepare_text(
    _OF_TASKS.format(
        source="comments JOIN comment_reactions ON comment_reactions.comment_id = comments.id",
        task="comments.task_id",
        place="comment_reactions.id",
        body=as_text(as_json(_REACTION)),
        people="ARRAY[comment_reactions.user_id]",
        type="uuid",
        narrowed="",
        rows=PAGE,
    ),
    row=ChildRow,
)
# Between two tasks of the project; it stands with the task that it goes out from.
_links: Final[Statement[ChildRow]] = prepare_text(
    _OF_TASKS.format(
        source="task_links JOIN tasks AS target ON target.id = task_links.target_id",
        task="task_links.source_id",
        place="task_links.id",
        body=as_text(as_json(_LINK)),
        people=_NOBODY,
        type="uuid",
        narrowed=" AND target.project_id = $of_project::uuid AND target.deleted_at IS NULL",
        rows=PAGE,
    ),
    row=ChildRow,
)
# By the type of their lines, in the order in which they follow their task.
CHILDREN: Final[Mapping[str, Statement[ChildRow]]] = {
    "checklist_item": _children("checklist_items", as_text(ITEM.body.element)),
    "comment": _children(
        "comments", as_text(as_json(COMMENT_FIELDS)), "ARRAY[comments.created_by] || comments.mentions"
    ),
    "reaction": _reactions,
    "attachment": _children("attachments", as_text(as_json(ATTACHMENT_FIELDS)), "ARRAY[attachments.created_by]"),
    "time_entry": _children("time_entries", as_text(as_json(TIME_ENTRY_FIELDS)), "ARRAY[time_entries.user_id]"),
    "watcher": _children("task_watchers", as_text(as_json(_WATCHER)), "ARRAY[task_watchers.user_id]"),
    "link": _links,
}
FACTS: Final[Statement[FactRow]] = prepare_text(
    _OF_TASKS.format(
        source="events",
        task="events.subject_id",
        place="events.seq",
        body=as_text(as_json(_CHANGE)),
        people=_ACTOR,
        type="bigint",
        narrowed=" AND events.subject_type = 'task' AND events.project_id = $of_project::uuid"
        " AND events.kind = ANY ($kinds::text[])",
        rows=PAGE,
    ),
    row=FactRow,
)
# Whatever is not told with one of the tasks above; `xid8` has no order of its own in the driver.
OTHER_FACTS: Final[Statement[OtherFactRow]] = prepare_text(
    f"""
    SELECT events.xid::text::bigint AS xid, events.seq, {as_text(as_json(_CHANGE))} AS body, {_ACTOR} AS people
    FROM events
    WHERE events.project_id = $of_project::uuid AND events.kind = ANY ($kinds::text[])
        AND (events.xid, events.seq) > ($after_xid::bigint::text::xid8, $after_seq::bigint)
        AND NOT (
            events.subject_type = 'task' AND EXISTS (
                SELECT FROM tasks
                WHERE tasks.id = events.subject_id AND tasks.project_id = $of_project::uuid
                    AND tasks.deleted_at IS NULL
            )
        )
    ORDER BY events.xid, events.seq
    LIMIT {PAGE}
    """,  # noqa: S608 - of texts of ours
    row=OtherFactRow,
)
