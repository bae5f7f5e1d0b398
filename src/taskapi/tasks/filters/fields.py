"""What tasks can be filtered by: one entry a field, with its operators, the type of its values, and its SQL.

To add a field, add its entry to FIELDS; whoever writes filters can then name it. An operator is a function from the
clause's values to a `Part`: SQL about the row `tasks`, in which each `$?` stands for the next value. `any_of`, `holds`
and `compares` make the usual ones. SQL may be NULL where the field has no value: `compile` takes that for "no fit".

A field whose name and type are known only at run time (a project's custom field) is an entry of a mapping beside
FIELDS, made from its definition: `compiled(tree, {**FIELDS, "field.cost": …})`. Its key goes into the SQL by way of a
value, never as text. Labels are an entry like `assignee`, over the table that will link them to tasks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from taskapi.core.http.references import ByKey
from taskapi.models import Priority, StatusCategory
from taskapi.tasks.filters.ast import Operator
from taskapi.tasks.filters.moments import Moment


@dataclass(frozen=True, slots=True)
class Part:
    """Some SQL, and the values for each `$?` in it."""

    sql: str
    values: tuple[object, ...] = ()


Values = tuple[object, ...]
Ask = Callable[[Values], Part]


@dataclass(frozen=True, slots=True)
class Field:
    type: type
    """Of the values in its clauses; what has no values says bool."""
    operators: Mapping[Operator, Ask]


def any_of(column: str, sql_type: str) -> Ask:
    """One value is compared alone, for only then the index behind it is in order; many are one parameter."""

    def ask(values: Values) -> Part:
        if len(values) == 1:
            return Part(f"{column} = $?::{sql_type}", values)
        return Part(f"{column} = ANY ($?::{sql_type}[])", (list(values),))

    return ask


def compares(condition: str) -> Ask:
    """A condition with one value."""

    def ask(values: Values) -> Part:
        (value,) = values
        return Part(condition, (value,))

    return ask


def holds(condition: str) -> Ask:
    """A condition without a value."""

    def ask(values: Values) -> Part:
        assert not values
        return Part(condition)

    return ask


def _is_a_child_of(values: Values) -> Part:
    """The parent by its key; in the same project, for a parent is never elsewhere."""
    (parent,) = values
    assert isinstance(parent, ByKey)
    return Part(
        """tasks.parent_id = (
            SELECT parent.id FROM tasks AS parent JOIN projects AS home ON home.id = parent.project_id
            WHERE parent.project_id = tasks.project_id AND home.key = $?::text AND parent.number = $?::integer
        )""",
        (parent.key, parent.number),
    )


def _is_due_before(values: Values) -> Part:
    """The first comparison says nothing new: it is what the index by due date understands."""
    (moment,) = values
    assert isinstance(moment, Moment)
    return Part(
        "tasks.due_first < $?::timestamptz AND (tasks.due_at < $?::timestamptz OR tasks.due_on < $?::date)",
        (moment.latest, moment.at, moment.day),
    )


def _is_due_since(values: Values) -> Part:
    (moment,) = values
    assert isinstance(moment, Moment)
    return Part(
        "tasks.due_first >= $?::timestamptz AND (tasks.due_at >= $?::timestamptz OR tasks.due_on >= $?::date)",
        (moment.earliest, moment.at, moment.day),
    )


def _is_assigned_to(values: Values) -> Part:
    """As the table beside `tasks` has it, by person; `assignee_ids` has no index."""
    return Part(
        """EXISTS (
            SELECT FROM task_assignees
            WHERE task_assignees.user_id = ANY ($?::uuid[]) AND task_assignees.project_id = tasks.project_id
                AND task_assignees.task_id = tasks.id
        )""",
        (list(values),),
    )


_UPDATED_SINCE: Final = """EXISTS (
    SELECT FROM task_recency
    WHERE task_recency.project_id = tasks.project_id AND task_recency.task_id = tasks.id
        AND task_recency.updated_at >= $?::timestamptz
)"""
_FOUND_BY_TEXT: Final = """tasks.id IN (
    SELECT task_id FROM task_search WHERE document @@ websearch_to_tsquery('english'::regconfig, $?::text)
)"""
_BLOCKED: Final = """EXISTS (
    SELECT FROM task_links
    JOIN tasks AS blocker ON blocker.id = task_links.source_id
    JOIN projects AS home ON home.id = blocker.project_id
    WHERE task_links.target_id = tasks.id AND task_links.type = 'blocks' AND blocker.deleted_at IS NULL
        AND home.deleted_at IS NULL AND blocker.status_category <> 'done' AND blocker.status_category <> 'cancelled'
)"""
_CLOSED: Final = (StatusCategory.DONE, StatusCategory.CANCELLED)
FIELDS: Final[Mapping[str, Field]] = {
    "status": Field(str, {Operator.ANY_OF: any_of("tasks.status", "text")}),
    "status_category": Field(StatusCategory, {Operator.ANY_OF: any_of("tasks.status_category", "text")}),
    "open": Field(
        bool,
        {Operator.HOLDS: holds(" AND ".join(f"tasks.status_category <> '{category}'" for category in _CLOSED))},
    ),
    "blocked": Field(bool, {Operator.HOLDS: holds(_BLOCKED)}),
    "priority": Field(Priority, {Operator.ANY_OF: any_of("tasks.priority", "task_priority")}),
    "assignee": Field(
        UUID,
        {Operator.ANY_OF: _is_assigned_to, Operator.EMPTY: holds("tasks.assignee_ids = '{}'::uuid[]")},
    ),
    "creator": Field(UUID, {Operator.ANY_OF: any_of("tasks.created_by", "uuid")}),
    "parent": Field(
        UUID,
        {Operator.ANY_OF: any_of("tasks.parent_id", "uuid"), Operator.EMPTY: holds("tasks.parent_id IS NULL")},
    ),
    "parent_key": Field(ByKey, {Operator.ANY_OF: _is_a_child_of}),
    "start": Field(date, {Operator.BEFORE: compares("tasks.start_on < $?::date")}),
    "due": Field(
        Moment,
        {
            Operator.BEFORE: _is_due_before,
            Operator.SINCE: _is_due_since,
            Operator.EMPTY: holds("tasks.due_at IS NULL AND tasks.due_on IS NULL"),
        },
    ),
    "completed": Field(
        datetime,
        {
            Operator.SINCE: compares("tasks.completed_at >= $?::timestamptz"),
            Operator.EMPTY: holds("tasks.completed_at IS NULL"),
        },
    ),
    "updated": Field(datetime, {Operator.SINCE: compares(_UPDATED_SINCE)}),
    "text": Field(
        str,
        {Operator.MATCHES: compares(_FOUND_BY_TEXT)},
    ),
}
