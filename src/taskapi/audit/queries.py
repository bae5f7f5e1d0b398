"""Security events in SQL, newest first."""

from functools import lru_cache
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, bindparam, literal_column, select

from taskapi.audit.audited import EVERYDAY
from taskapi.core.change_log.rendering import CHANGE_FIELDS
from taskapi.core.db.statements import One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, list_text, page_of
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Event, Project

_CREDENTIALS: Final = {
    "actor_kind": Event.actor_kind,
    "token_id": Event.token_id,
    "request_id": Event.request_id,
}
_BODY: Final = as_json({**CHANGE_FIELDS, **_CREDENTIALS}).label("body")
_kinds: Final = Event.kind == any_(bindparam("kinds", type_=ARRAY(Text)))
# As the index `ix_events_audit` says it, so that the planner sees that it holds all of them.
_everyday = ", ".join(f"'{subject}'" for subject in EVERYDAY)
_indexed: Final[ColumnElement[bool]] = literal_column(f"events.subject_type NOT IN ({_everyday})")
_CONDITIONS: Final[dict[str, ColumnElement[bool]]] = {
    "actor": Event.actor_id == bindparam("actor"),
    "subject": Event.subject_id == bindparam("subject"),
    "project_id": Event.project_id == bindparam("project_id"),
    "project_key": Event.project_id
    == select(Project.id).where(Project.key == bindparam("project_key")).scalar_subquery(),
    "since": Event.at >= bindparam("since"),
    "until": Event.at < bindparam("until"),
}
_NEWEST_FIRST: Final = Keyset.of((Term("at", descending=True),), {"at": SortColumn(Event.at)}, Event.id)

ONE: Final = prepare(
    select(_BODY, literal_column("1").label("version")).where(Event.id == bindparam("of_event"), _kinds),
    row=Versioned,
)


def _matches(filters: frozenset[str]) -> ColumnElement[bool]:
    return and_(_indexed, _kinds, *(_CONDITIONS[name] for name in sorted(filters)))


@lru_cache(64)
def _listed(filters: frozenset[str]) -> str:
    return list_text(select(_BODY).where(_matches(filters)))


def page(filters: frozenset[str], rows: int, *, continues: bool) -> Statement[PageRow]:
    return page_of(_listed(filters), _NEWEST_FIRST, rows, continues=continues)


@lru_cache(64)
def count(filters: frozenset[str]) -> Statement[One[int]]:
    return count_statement(select(Event.id).where(_matches(filters)))
