"""What a list of tasks is grouped by: where the keys of its groups come from, and which tasks belong to each.

A task with several people or labels is in the group of each. All that is here becomes one statement: see
`statements.groups`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from taskapi.core.lists import sorting
from taskapi.models import FieldType, Priority
from taskapi.tasks.filters.ast import Filter
from taskapi.tasks.filters.compile import Condition, compiled
from taskapi.tasks.filters.fields import Field
from taskapi.tasks.filters.moments import Moment, days_after
from taskapi.tasks.filters.schemas import DueIn, GroupBy, TaskFilter
from taskapi.tasks.filters.standpoint import Standpoint, dues
from taskapi.tasks.lists.access_paths import BY_ASSIGNEE, BY_LABEL, ON_BOARD, AccessPath, access_path, is_on_board
from taskapi.tasks.lists.shapes import Shape, shape_of

_FILTER_VALUE: Final = re.compile(r"\$f([0-9]+)")
_ALWAYS, _NEVER = "-infinity", "infinity"
_LAST = "9999-12-31T00:00:00+00:00"
"""After every due date, and before those that have none."""
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Keys:
    """SQL for the keys of groups; `seen` are the projects that the list shows."""

    sql: str
    """Its columns: `key`, `place` (what they are ordered by, nulls last), and what `belongs` asks for."""
    belongs: str
    """Which tasks are in the group `keys`."""
    stay: bool = True
    """Whether a group without tasks is shown."""
    of_task: str = ""
    """The key of the one group that a task is in, where groups have no table of their own: all are counted at once."""
    belongs_walked: str = ""
    """`belongs` of a group that is so common that its first page is found sooner in the order asked for."""


@dataclass(frozen=True, slots=True)
class GroupShape:
    page: Shape
    keys: Keys


@dataclass(frozen=True, slots=True)
class Grouping:
    shapes: tuple[GroupShape, ...]
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as its words were read."""

    tree: Filter
    sort: str
    fields: Mapping[str, Field]
    """Those of custom fields, beside what every task has."""
    sort_types: tuple[FieldType | None, ...]


def grouping_of(params: TaskFilter, seen_from: Standpoint, asked: Asked) -> Grouping:
    """A parameter of the name of what is grouped by chooses among the groups."""
    assert params.group_by is not None
    path = access_path(asked.tree, sorting.parse(asked.sort))
    match params.group_by:
        case GroupBy.STATUS:
            path = ON_BOARD if is_on_board(asked.sort) else path
            keys, values = _statuses(params, path)
            return _grouping(params, asked, [(path, keys)], values)
        case GroupBy.PRIORITY:
            keys, values = _priorities(params)
            return _grouping(params, asked, [(path, keys)], values)
        case GroupBy.DUE:
            keys, values = _dues(params, seen_from, in_order=sorting.parse(asked.sort)[0].name == "due")
            return _grouping(params, asked, [(path, keys)], values)
        case GroupBy.ASSIGNEE:
            chosen = [str(seen_from.me) if value == "me" else value.lower() for value in params.assignee]
            branches = [(BY_ASSIGNEE, _PEOPLE)]
            if not chosen or "none" in chosen:
                branches.append((path, _NOBODY))
            return _grouping(params, asked, branches, {"chosen": chosen or None})
        case GroupBy.LABEL:
            chosen = [value.lower() for value in params.label]
            branches = [(BY_LABEL, _LABELS)]
            if not chosen or "none" in chosen:
                branches.append((path, _UNMARKED))
            return _grouping(params, asked, branches, {"chosen": chosen or None})


def _grouping(
    params: TaskFilter, asked: Asked, branches: list[tuple[AccessPath, Keys]], values: Mapping[str, object]
) -> Grouping:
    """Each branch has its own condition: the same filter, over the tables of its path."""
    shapes: list[GroupShape] = []
    conditions: dict[str, object] = {}
    for number, (path, keys) in enumerate(branches):
        condition = _named_apart(compiled(asked.tree, {**path.fields, **asked.fields}), f"b{number}_")
        shapes.append(GroupShape(shape_of(params, path, condition.sql, asked.sort, asked.sort_types), keys))
        conditions.update(condition.values)
    return Grouping(tuple(shapes), {**values, **conditions})


def _statuses(params: TaskFilter, path: AccessPath) -> tuple[Keys, Mapping[str, object]]:
    """Of several projects those with the same key are one group, where the first of them stands."""
    column = "task_places.status" if path is ON_BOARD else "tasks.status"
    sql = """
        SELECT statuses.key, min(statuses.position) AS place
        FROM statuses JOIN seen ON seen.id = statuses.project_id
        WHERE $chosen::text[] IS NULL OR statuses.key = ANY ($chosen::text[])
        GROUP BY statuses.key
    """
    return Keys(sql, f"{column} = keys.key"), {"chosen": params.status or None}


def _priorities(params: TaskFilter) -> tuple[Keys, Mapping[str, object]]:
    sql = "SELECT key, place FROM unnest($chosen::text[]) WITH ORDINALITY AS known(key, place)"
    chosen = [str(priority) for priority in reversed(Priority) if not params.priority or priority in params.priority]
    return Keys(sql, "tasks.priority = keys.key::task_priority", of_task="tasks.priority::text"), {"chosen": chosen}


def _dues(params: TaskFilter, seen_from: Standpoint, *, in_order: bool) -> tuple[Keys, Mapping[str, object]]:
    """`since` and `until` say nothing that the groups do not: they are what the index by due date understands."""
    sql = """
        SELECT key, since::timestamptz, until::timestamptz, place
        FROM unnest($chosen::text[], $since::text[], $until::text[]) WITH ORDINALITY AS known(key, since, until, place)
    """
    trees = {due: tree for due, tree in dues(seen_from).items() if not params.due or due in params.due}
    bounds = [_bounds(due, seen_from) for due in trees]
    cases: list[str] = []
    ways: list[str] = []
    values: dict[str, object] = {}
    for number, (due, tree) in enumerate(trees.items()):
        condition = _named_apart(compiled(tree), f"d{number}_")
        cases.append(f"WHEN '{due}' THEN {condition.sql}")
        ways.append(f"WHEN {condition.sql} THEN '{due}'")
        values.update(condition.values)
    is_it = f"CASE keys.key {' '.join(cases)} END"
    belongs = f"tasks.due_first BETWEEN keys.since AND keys.until AND {is_it}"
    of_task = f"CASE {' '.join(ways)} END"
    keys = {"chosen": [str(due) for due in trees], "since": [b[0] for b in bounds], "until": [b[1] for b in bounds]}
    return Keys(sql, belongs, of_task=of_task, belongs_walked="" if in_order else is_it), {**keys, **values}


def _bounds(due: DueIn, seen_from: Standpoint) -> tuple[str, str]:
    """On the scale of the table's sort key, not too narrow: `belongs` decides."""
    today, tomorrow, next_week = (
        Moment.of_day(days_after(seen_from.today, days), seen_from.zone) for days in (0, 1, _WEEK + 1)
    )
    at_latest: datetime = max(tomorrow.latest, seen_from.now)
    return {
        DueIn.OVERDUE: (_ALWAYS, at_latest.isoformat()),
        DueIn.PAST: (_ALWAYS, at_latest.isoformat()),
        DueIn.TODAY: (today.earliest.isoformat(), at_latest.isoformat()),
        DueIn.NEXT_7_DAYS: (tomorrow.earliest.isoformat(), next_week.latest.isoformat()),
        DueIn.LATER: (next_week.earliest.isoformat(), _LAST),
        DueIn.NONE: (_NEVER, _NEVER),
    }[due]


def _named_apart(condition: Condition, prefix: str) -> Condition:
    sql = _FILTER_VALUE.sub(lambda found: f"${prefix}{found[1]}", condition.sql)
    return Condition(sql, {f"{prefix}{name.removeprefix('f')}": value for name, value in condition.values.items()})


_PEOPLE: Final = Keys(
    """
        SELECT users.id::text AS key, users.id AS person,
            reading_order(coalesce(nullif(users.full_name, ''), users.username)) AS place
        FROM users
        WHERE users.id IN (SELECT members.user_id FROM members JOIN seen ON seen.id = members.project_id)
            AND ($chosen::text[] IS NULL OR users.id::text = ANY ($chosen::text[]))
    """,
    "task_assignees.user_id = keys.person",
    stay=False,
)
_NOBODY: Final = Keys(
    "SELECT 'none' AS key, NULL::text AS place WHERE $chosen::text[] IS NULL OR 'none' = ANY ($chosen::text[])",
    "tasks.assignee_ids = '{}'::uuid[]",
    stay=False,
)
# Names are each project's own, so of several projects two labels of one name are two groups.
_LABELS: Final = Keys(
    """
        SELECT labels.id::text AS key, labels.id AS label, reading_order(labels.name) AS place
        FROM labels JOIN seen ON seen.id = labels.project_id
        WHERE $chosen::text[] IS NULL OR labels.id::text = ANY ($chosen::text[])
            OR lower(labels.name) = ANY ($chosen::text[])
    """,
    "task_labels.label_id = keys.label",
    stay=False,
)
_UNMARKED: Final = Keys(
    "SELECT 'none' AS key, NULL::text AS place WHERE $chosen::text[] IS NULL OR 'none' = ANY ($chosen::text[])",
    "tasks.label_ids = '{}'::uuid[]",
    stay=False,
)
