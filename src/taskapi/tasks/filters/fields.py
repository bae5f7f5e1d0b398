"""What tasks can be filtered by: one entry a field, with its operators, the type of its values, and its SQL.

To add a field, add its entry to FIELDS; whoever writes filters can then name it. An operator is a function from the
clause's values to a `Part`: SQL about the row `tasks`, in which each `$?` stands for the next value. `any_of`, `holds`
and `compares` make the usual ones. SQL may be NULL where the field has no value: `compile` takes that for "no fit".

A field whose name and type are known only at run time (a project's custom field) is an entry of a mapping beside
FIELDS, made from its definition: `compiled(tree, {**FIELDS, "field.cost": …})`. Its key goes into the SQL by way of a
value, never as text.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from taskapi.core.http import references
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
    of_one: Mapping[Operator, Ask] = dataclasses.field(default_factory=dict)
    """Under OR and NOT nothing is found by a clause: what asks each task there, where that is another SQL."""


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


def _is_one_of_these(values: Values) -> Part:
    """Tasks by their keys, looked up once: whose they are is for the rest of the statement to say."""
    references = [value for value in values if isinstance(value, ByKey)]
    return Part(
        """tasks.id = ANY (ARRAY(
            SELECT meant.id FROM unnest($?::text[], $?::integer[]) AS named(key, number)
            JOIN projects AS home ON home.key = named.key
            JOIN tasks AS meant ON meant.project_id = home.id AND meant.number = named.number
        ))""",
        ([reference.key for reference in references], [reference.number for reference in references]),
    )


def is_in_projects(column: str) -> Mapping[Operator, Ask]:
    """Projects by their keys, over the column that the list finds its projects by: so others are not read at all."""
    meant = "ARRAY(SELECT named.id FROM projects AS named WHERE named.key = ANY ($?::text[]))"
    named = f"{column} = ANY ({meant})"
    return {Operator.ANY_OF: lambda values: Part(named, (list(values),))}


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


def _is_found_by_text(values: Values) -> Part:
    """Words; what reads as the key of a task finds that task, too."""
    (text,) = values
    assert isinstance(text, str)
    key = references.key_of_task(text)
    if key is None:
        return Part(f"tasks.id IN ({_FOUND_BY_TEXT})", values)
    return Part(f"tasks.id IN ({_FOUND_BY_TEXT} UNION ALL {_FOUND_BY_KEY})", (text, key.key, key.number))


def _has_text(values: Values) -> Part:
    """The same of one task, by its own document."""
    (text,) = values
    assert isinstance(text, str)
    key = references.key_of_task(text)
    if key is None:
        return Part(_HAS_TEXT, values)
    return Part(f"({_HAS_TEXT} OR tasks.id IN ({_FOUND_BY_KEY}))", (text, key.key, key.number))


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


def _is_labelled(values: Values) -> Part:
    """As the table beside `tasks` has it, by label; `label_ids` has no index."""
    return Part(
        """EXISTS (
            SELECT FROM task_labels
            WHERE task_labels.label_id = ANY ($?::uuid[]) AND task_labels.project_id = tasks.project_id
                AND task_labels.task_id = tasks.id
        )""",
        (list(values),),
    )


def _has_a_label_named(values: Values) -> Part:
    """By names, whatever the case of their letters: of each project its own labels."""
    return Part(
        """EXISTS (
            SELECT FROM labels JOIN task_labels ON task_labels.label_id = labels.id
            WHERE labels.project_id = tasks.project_id
                AND lower(labels.name) = ANY (ARRAY(SELECT lower(wanted) FROM unnest($?::text[]) AS wanted))
                AND task_labels.project_id = tasks.project_id AND task_labels.task_id = tasks.id
        )""",
        (list(values),),
    )


def _by_names(condition: str) -> Ask:
    return lambda values: Part(condition, ([str(value).lower() for value in values],))


def _in_one_named(column: str, table: str) -> Ask:
    """By the names of milestones or cycles, as labels are found."""
    condition = f"""{column} IN (
        SELECT id FROM {table} WHERE project_id = tasks.project_id AND lower(name) = ANY ($?::text[])
    )"""  # noqa: S608 - of names of ours
    return _by_names(condition)


_IN_CYCLE_OF_DAY: Final = """tasks.cycle_id IN (
    SELECT id FROM cycles WHERE project_id = tasks.project_id AND $?::date BETWEEN starts_on AND ends_on
)"""


def _contains(column: str) -> Ask:
    """A text somewhere in another, whatever the case. No pattern: `%` and `_` mean themselves."""
    return compares(f"strpos(lower({column}), lower($?::text)) > 0")


def _ordered(column: str, sql_type: str) -> dict[Operator, Ask]:
    """What is compared: a number, a day, an instant."""
    return {
        Operator.BEFORE: compares(f"{column} < $?::{sql_type}"),
        Operator.SINCE: compares(f"{column} >= $?::{sql_type}"),
    }


_IDS_OF_PEOPLE: Final = "SELECT id FROM users WHERE lower(username) = ANY ($?::text[])"
_ASSIGNED_BY_NAME: Final = f"""EXISTS (
    SELECT FROM task_assignees
    WHERE task_assignees.user_id = ANY (ARRAY({_IDS_OF_PEOPLE})) AND task_assignees.project_id = tasks.project_id
        AND task_assignees.task_id = tasks.id
)"""


_UPDATED_SINCE: Final = """EXISTS (
    SELECT FROM task_recency
    WHERE task_recency.project_id = tasks.project_id AND task_recency.task_id = tasks.id
        AND task_recency.updated_at >= $?::timestamptz
)"""
# Whole words: who filters may change all that is found. PostgreSQL also knows how common a word is, and so whether to
# walk the list or to ask the index; of a beginning it takes every fiftieth task for a match, and walks a million.
_FOUND_BY_TEXT: Final = "SELECT task_id FROM task_search WHERE document @@ search_query($?::text, false)"
# OFFSET keeps the planner from hashing whatever the index finds; the words are read once, and not for each task.
_HAS_TEXT: Final = """EXISTS (
    SELECT FROM task_search
    WHERE task_search.task_id = tasks.id AND document @@ (SELECT search_query($?::text, false)) OFFSET 0
)"""
_FOUND_BY_KEY: Final = """
    SELECT found.id FROM tasks AS found JOIN projects AS home ON home.id = found.project_id
    WHERE home.key = $?::text AND found.number = $?::integer
"""
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
    "label": Field(UUID, {Operator.ANY_OF: _is_labelled, Operator.EMPTY: holds("tasks.label_ids = '{}'::uuid[]")}),
    "label_name": Field(str, {Operator.ANY_OF: _has_a_label_named}),
    "milestone": Field(
        UUID,
        {Operator.ANY_OF: any_of("tasks.milestone_id", "uuid"), Operator.EMPTY: holds("tasks.milestone_id IS NULL")},
    ),
    "cycle": Field(
        UUID, {Operator.ANY_OF: any_of("tasks.cycle_id", "uuid"), Operator.EMPTY: holds("tasks.cycle_id IS NULL")}
    ),
    "milestone_name": Field(str, {Operator.ANY_OF: _in_one_named("tasks.milestone_id", "milestones")}),
    "cycle_name": Field(str, {Operator.ANY_OF: _in_one_named("tasks.cycle_id", "cycles")}),
    "cycle_day": Field(date, {Operator.HOLDS: compares(_IN_CYCLE_OF_DAY)}),
    "assignee_name": Field(str, {Operator.ANY_OF: _by_names(_ASSIGNED_BY_NAME)}),
    "creator_name": Field(str, {Operator.ANY_OF: _by_names(f"tasks.created_by = ANY (ARRAY({_IDS_OF_PEOPLE}))")}),
    "creator": Field(UUID, {Operator.ANY_OF: any_of("tasks.created_by", "uuid")}),
    "parent": Field(
        UUID,
        {Operator.ANY_OF: any_of("tasks.parent_id", "uuid"), Operator.EMPTY: holds("tasks.parent_id IS NULL")},
    ),
    "parent_key": Field(ByKey, {Operator.ANY_OF: _is_a_child_of}),
    "key": Field(ByKey, {Operator.ANY_OF: _is_one_of_these}),
    "number": Field(int, {Operator.ANY_OF: any_of("tasks.number", "integer"), **_ordered("tasks.number", "integer")}),
    "project": Field(UUID, {Operator.ANY_OF: any_of("tasks.project_id", "uuid")}),
    "project_key": Field(str, is_in_projects("tasks.project_id")),
    "estimate": Field(
        float,
        {
            Operator.ANY_OF: any_of("tasks.estimate", "float8"),
            Operator.EMPTY: holds("tasks.estimate IS NULL"),
            **_ordered("tasks.estimate", "float8"),
        },
    ),
    "start": Field(date, {Operator.EMPTY: holds("tasks.start_on IS NULL"), **_ordered("tasks.start_on", "date")}),
    "created": Field(datetime, _ordered("tasks.created_at", "timestamptz")),
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
            Operator.EMPTY: holds("tasks.completed_at IS NULL"),
            **_ordered("tasks.completed_at", "timestamptz"),
        },
    ),
    "updated": Field(datetime, {Operator.SINCE: compares(_UPDATED_SINCE)}),
    # The same by the row itself: anywhere but in the first place of a filter, the narrow table would be read whole.
    "changed": Field(datetime, _ordered("tasks.updated_at", "timestamptz")),
    "title": Field(str, {Operator.MATCHES: _contains("tasks.title")}),
    "description": Field(
        str,
        {
            Operator.MATCHES: _contains("tasks.description"),
            Operator.EMPTY: holds("coalesce(tasks.description, '') = ''"),
        },
    ),
    "text": Field(
        str,
        {Operator.MATCHES: _is_found_by_text},
        of_one={Operator.MATCHES: _has_text},
    ),
}
