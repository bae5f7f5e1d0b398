"""Imports in SQL. Their project is loaded with the caller before, or in the same statement."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSON

from taskapi.core.access.reach import Reach, join_members, project_columns, role
from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare, prepare_text
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Import, Project

MOST_PROBLEMS: Final = 1_000
PROBLEMS_IN_LISTS: Final = 20


class FoundRow(Versioned):
    """An import, with the caller's role in its project."""

    id: UUID
    in_project: UUID
    in_project_key: str
    role: str
    archived_at: datetime | None
    state: str
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class StartedRow(TypedDict):
    format: str
    mapping: str | None
    options: str
    storage_key: str | None
    size: int
    state: str
    stage: str
    position: int
    dry_run: bool
    starts: int
    timezone: str


_ACTIVE: Final = Import.state.in_((literal_column("'queued'"), literal_column("'running'")))
# It ends about when the rest of the file has taken as long as what was read of it.
_eta: Final[ColumnElement[datetime | None]] = literal_column(
    """CASE WHEN imports.state = 'running' AND imports.progress > 0
        THEN imports.started_at + (now() - imports.started_at) / imports.progress END""",
    DateTime(timezone=True),
)


def _body(problems: Expression) -> Expression:
    fields: dict[str, Expression] = {
        "id": Import.id,
        "project_id": Import.project_id,
        "format": Import.format,
        "source": Import.source,
        "dry_run": Import.dry_run,
        "mapping": Import.mapping,
        "options": Import.options,
        "state": Import.state,
        "progress": Import.progress,
        "eta": _eta,
        "total": Import.total,
        "created": Import.created,
        "updated": Import.updated,
        "skipped": Import.skipped,
        "failed": Import.failed,
        "problems": problems,
        "problems_total": Import.problems_total,
        "error": Import.error,
        "created_by": Import.created_by,
        "created_at": Import.created_at,
        "started_at": Import.started_at,
        "finished_at": Import.finished_at,
        "version": Import.version,
    }
    return as_json(fields).label("body")


_whole: Final = _body(Import.problems)
_some = func.jsonb_path_query_array(
    Import.problems, literal_column(f"'$[0 to {PROBLEMS_IN_LISTS - 1}]'::jsonpath"), type_=JSON()
)
ADD: Final = prepare(
    insert(Import).returning(_whole, Import.version),
    *("id", "project_id", "created_by", "token_id", "format", "source", "dry_run", "mapping", "options"),
    *("storage_key", "size", "touched_at", "created_at"),
    row=Versioned,
)
_newest_first: Final = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(Import.created_at)}, Import.id
)
_of_project = Import.project_id == bindparam("of_project")


@lru_cache(16)
def page(rows: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(_body(_some)).where(_of_project), _newest_first, rows, continues=continues)


COUNT: Final = count_statement(select(Import.id).where(_of_project))


@lru_cache(8)
def one(reach: Reach, *, lock: bool) -> Statement[FoundRow]:
    """An import of a project that the caller reaches."""
    statement: Any = (
        select(
            *(_whole, Import.version, Import.id, Import.state, role(reach).label("role")),
            *(
                Project.id.label("in_project"),
                Project.key.label("in_project_key"),
                Project.archived_at,
                *project_columns(reach),
            ),
        )
        .select_from(Import)
        .join(Project, and_(Project.id == Import.project_id, Project.deleted_at.is_(None)))
    )
    found = join_members(statement, reach).where(Import.id == bindparam("import_id"))
    return prepare(found.with_for_update(of=Import, key_share=True) if lock else found, row=FoundRow)


_this = Import.id == bindparam("of_import")
START: Final = prepare_text(
    """
    UPDATE imports SET state = 'running', started_at = coalesce(started_at, $now::timestamptz),
        touched_at = $now::timestamptz, starts = starts + 1, version = imports.version + 1
    FROM users
    WHERE imports.id = $of_import::uuid AND users.id = imports.created_by AND state IN ('queued', 'running')
    RETURNING format, mapping::text AS mapping, options::text AS options, storage_key, size, state, stage, position,
        dry_run, starts, users.timezone
    """,
    row=StartedRow,
)
ADVANCE: Final = prepare_text(
    f"""
    UPDATE imports SET position = $position::integer, progress = greatest(progress, $progress::float8),
        touched_at = $now::timestamptz, starts = 0, version = version + 1,
        created = created + $created::integer, updated = updated + $updated::integer,
        skipped = skipped + $skipped::integer, failed = failed + $failed::integer,
        unresolved = unresolved + $unresolved::integer,
        problems_total = problems_total + $problems_total::integer,
        problems = CASE WHEN jsonb_array_length(problems) >= {MOST_PROBLEMS} THEN problems
            ELSE jsonb_path_query_array(problems || $problems::jsonb, '$[0 to {MOST_PROBLEMS - 1}]') END
    WHERE id = $of_import::uuid
    """,  # noqa: S608 - of numbers of ours
    row=One[None],
)
NEXT_STAGE: Final = prepare_text(
    """
    UPDATE imports SET stage = 'references', position = 0, touched_at = $now::timestamptz,
        version = version + 1
    WHERE id = $of_import::uuid AND stage = 'tasks' AND state = 'running'
    """,
    row=One[None],
)
END: Final = prepare(
    update(Import)
    .where(_this)
    .values(
        state=bindparam("to_state"),
        error=bindparam("to_error"),
        storage_key=null(),
        finished_at=bindparam("now"),
        touched_at=bindparam("now"),
        progress=case((bindparam("to_state") == literal_column("'done'"), literal_column("1")), else_=Import.progress),
        total=case(
            (
                bindparam("to_state") == literal_column("'done'"),
                Import.created + Import.updated + Import.skipped + Import.failed,
            ),
            else_=null(),
        ),
        version=Import.version + 1,
    )
    .returning(_whole, Import.version),
    row=Versioned,
)


class EndingRow(Versioned):
    """An import that has not ended, locked, and the key of its project."""

    project_key: str


HOLD: Final = prepare(
    select(_whole, Import.version, Project.key.label("project_key"))
    .join(Project, Project.id == Import.project_id)
    .where(_this, _ACTIVE)
    .with_for_update(of=Import, key_share=True),
    row=EndingRow,
)
UNRESOLVED: Final = prepare(
    select(Import.unresolved > literal_column("0")).where(_this, Import.state == literal_column("'running'")),
    row=One[bool],
)


ACTIVE: Final = prepare(select(Import.id).where(_of_project, _ACTIVE), row=One[UUID])
# A worker that died says nothing any more, and a job that killed its worker too often is put aside.
SILENT: Final = prepare(
    select(Import.id)
    .where(_ACTIVE, Import.touched_at < bindparam("before"))
    .order_by(Import.touched_at)
    .limit(literal_column("100"))
    .with_for_update(skip_locked=True),
    row=One[UUID],
)
TOUCH: Final = prepare(
    update(Import).where(_this, _ACTIVE).values(touched_at=bindparam("now")).returning(Import.id), row=One[UUID]
)
NEEDED_FILES: Final = prepare(
    select(Import.storage_key).where(Import.storage_key == any_(bindparam("keys", type_=ARRAY(Text)))),
    row=One[str | None],
)
