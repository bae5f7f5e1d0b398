"""Histories in SQL. What happened in a project is for who is in it now, wherever the task has gone since."""

from functools import lru_cache
from typing import Final

from taskapi.core.access.past import change_fields
from taskapi.core.access.reach import Reach, membership
from taskapi.core.db.statements import One, Statement, as_json, as_text, prepare_text
from taskapi.core.lists.paging import MAX_COUNTED, PageRow, page_of
from taskapi.core.lists.sorting import Key, Keyset

# Facts about one task are numbered while it is locked, so this is the order in which they happened. The order of
# transactions, by which a project is read, is another: one that began sooner may have waited for the task.
_NEWEST: Final = Keyset(((Key("events.seq", "bigint"), True),))
_NEWEST_IN_PROJECT: Final = Keyset(((Key("events.xid", "xid8"), True), (Key("events.seq", "bigint"), True)))

_CHOSEN: Final = """
    events.kind = ANY($kinds::text[])
    AND ($actor::uuid IS NULL OR events.actor_id = $actor::uuid)
    AND ($since::timestamptz IS NULL OR events.at >= $since::timestamptz)
    AND ($until::timestamptz IS NULL OR events.at < $until::timestamptz)
"""
_OF_PROJECT: Final = f"FROM events WHERE events.project_id = $of_project::uuid AND {_CHOSEN}"
_END: Final = "AND {after} ORDER BY {order} LIMIT {rows} OFFSET $offset::integer"


def _of_task(reach: Reach) -> str:
    """Its own facts, those of what hung on it under each of its keys, and those of links from or to it."""
    return f"""
    FROM events WHERE events.id IN (
        SELECT id FROM events WHERE subject_id = $of_task::uuid AND subject_type = 'task'
        UNION
        SELECT e.id FROM (
            SELECT $home::uuid AS project_id, $key::text AS key
            UNION ALL
            SELECT f.project_id, p.key || '-' || f.number
            FROM former_task_keys f JOIN projects p ON p.id = f.project_id WHERE f.task_id = $of_task::uuid
        ) AS held JOIN events e ON e.subject_key = held.key AND e.project_id = held.project_id
            AND e.subject_type <> 'task' AND strpos(e.subject_key, '-') > 0
        UNION
        SELECT id FROM events WHERE subject_type = 'link' AND (
            changes @> jsonb_build_object('source_id', jsonb_build_array($of_task::uuid))
            OR changes @> jsonb_build_object('target_id', jsonb_build_array($of_task::uuid))
        )
    ) AND (
        events.project_id = $home::uuid
        OR EXISTS (SELECT FROM members WHERE members.project_id = events.project_id AND {as_text(membership(reach))})
    ) AND {_CHOSEN}
    """  # noqa: S608 - of parts of ours


@lru_cache(64)
def page_of_task(reach: Reach, rows: int, *, continues: bool) -> Statement[PageRow]:
    return _page(reach, _of_task(reach), _NEWEST, rows, continues=continues)


@lru_cache(4)
def count_of_task(reach: Reach) -> Statement[One[int]]:
    return _count(_of_task(reach))


@lru_cache(64)
def page_of_project(reach: Reach, rows: int, *, continues: bool) -> Statement[PageRow]:
    return _page(reach, _OF_PROJECT, _NEWEST_IN_PROJECT, rows, continues=continues)


def _page(reach: Reach, listed: str, order: Keyset, rows: int, *, continues: bool) -> Statement[PageRow]:
    body = as_text(as_json(change_fields(reach)))
    return page_of(f"SELECT {body} AS body, {{position}} {listed} {_END}", order, rows, continues=continues)


def _count(listed: str) -> Statement[One[int]]:
    return prepare_text(f"SELECT count(*) FROM (SELECT 1 {listed} LIMIT {MAX_COUNTED + 1}) AS counted", row=One[int])  # noqa: S608


COUNT_OF_PROJECT: Final = _count(_OF_PROJECT)
