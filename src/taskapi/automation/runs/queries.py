"""What rules did, in SQL."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, insert, select
from sqlalchemy.orm import aliased

from taskapi.core.db.statements import One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import Comment, RuleRun


class MadeRow(TypedDict):
    """Which rule made the changes of a batch."""

    id: UUID
    rule_id: UUID
    depth: int


MADE: Final = prepare(
    select(RuleRun.id, RuleRun.rule_id, RuleRun.depth).where(
        RuleRun.id == any_(bindparam("batches", type_=ARRAY(Uuid)))
    ),
    row=MadeRow,
)
TASK_OF_COMMENT: Final = prepare(select(Comment.task_id).where(Comment.id == bindparam("of_comment")), row=One[UUID])
ADD: Final = prepare(
    insert(RuleRun),
    *("rule_id", "change_id", "id", "kind", "task_id", "state", "depth", "code", "detail", "action", "at"),
)
_old: Final = aliased(RuleRun)
# Found by ids, which begin with the time they were made: the table needs no index for it.
FORGET: Final = prepare(
    delete(RuleRun).where(
        RuleRun.id.in_(select(_old.id).where(_old.id < bindparam("before")).order_by(_old.id).limit(5000))
    )
)
_BODY: Final = as_json(
    {
        "id": RuleRun.id,
        "at": RuleRun.at,
        "change_id": RuleRun.change_id,
        "kind": RuleRun.kind,
        "task_id": RuleRun.task_id,
        "state": RuleRun.state,
        "depth": RuleRun.depth,
        "code": RuleRun.code,
        "detail": RuleRun.detail,
        "action": RuleRun.action,
    }
).label("body")
_of_rule: Final = RuleRun.rule_id == bindparam("of_rule")
_NEWEST_FIRST: Final = Keyset.of((Term("id", descending=True),), {"id": SortColumn(RuleRun.id)}, RuleRun.change_id)


@lru_cache(8)
def page(rows: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(_BODY).where(_of_rule), _NEWEST_FIRST, rows, continues=continues)


COUNT: Final = count_statement(select(RuleRun.id).where(_of_rule))
