"""A batch in SQL: whether it may go on, what of it is there already, and the ids that its tasks have in the file."""

from typing import Final, TypedDict, cast
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, any_, bindparam, select

from taskapi.core.access.permissions import GRANTS, Permission
from taskapi.core.db.statements import One, as_json, prepare, prepare_text
from taskapi.models import Project, Task, TaskExternalId
from taskapi.tasks.queries import JOINED, ChangedRow, task_fields

TASKS: Final = cast("Table", Task.__table__)
IDS: Final = cast("Table", TaskExternalId.__table__)
ID_COLUMNS: Final = ("project_id", "source", "external_id", "task_id", "digest")


class HeldRow(TypedDict):
    """An import that a worker is about to write a batch of, and what has become of it since the one before."""

    state: str
    stage: str
    position: int
    dry_run: bool
    source: str
    options: str
    token_id: UUID | None
    created_by: UUID
    user_role: str
    timezone: str
    project_id: UUID
    project_key: str
    default_status: str | None
    is_archived: bool
    is_deleted: bool
    may: bool


class FoundRow(TypedDict):
    """A task that came from the same source before."""

    external_id: str
    task_id: UUID
    digest: bytes
    is_here: bool
    is_trashed: bool


_roles = ", ".join(f"'{role}'" for role, granted in GRANTS.items() if Permission.TASK_WRITE in granted)
HOLD: Final = prepare_text(
    f"""
    SELECT imports.state, stage, imports.position, dry_run, source, options::text AS options, token_id,
        imports.created_by, users.role AS user_role, users.timezone, projects.id AS project_id,
        projects.key AS project_key, projects.defaults ->> 'status' AS default_status,
        projects.archived_at IS NOT NULL AS is_archived, projects.deleted_at IS NOT NULL AS is_deleted,
        users.is_active AND users.deleted_at IS NULL
            AND (members.role IN ({_roles}) OR members.role IS NULL AND users.role = 'admin' AND token_id IS NULL)
            AND (token_id IS NULL OR EXISTS (
                SELECT FROM api_tokens
                WHERE api_tokens.id = token_id AND revoked_at IS NULL AND expires_at > $now::timestamptz
            )) AS may
    FROM imports
    JOIN projects ON projects.id = imports.project_id
    JOIN users ON users.id = imports.created_by
    LEFT JOIN members ON members.project_id = projects.id AND members.user_id = users.id
    WHERE imports.id = $of_import::uuid
    FOR NO KEY UPDATE OF imports
    """,  # noqa: S608 - of words of ours
    row=HeldRow,
)
FOUND: Final = prepare_text(
    """
    SELECT ids.external_id, ids.task_id, ids.digest, tasks.project_id = ids.project_id AS is_here,
        tasks.deleted_at IS NOT NULL AS is_trashed
    FROM task_external_ids AS ids JOIN tasks ON tasks.id = ids.task_id
    WHERE ids.project_id = $of_project::uuid AND ids.source = $source::text
        AND ids.external_id = ANY ($external_ids::text[])
    """,
    row=FoundRow,
)
REMEMBER: Final = prepare_text(
    """
    UPDATE task_external_ids AS ids SET digest = new.digest
    FROM unnest($external_ids::text[], $digests::bytea[]) AS new (external_id, digest)
    WHERE ids.project_id = $of_project::uuid AND ids.source = $source::text AND ids.external_id = new.external_id
    """,
    row=One[None],
)
LOAD: Final = prepare(
    select(Task.id, as_json(task_fields(Task, Project.key)).label("body"), Task.version)
    .join(Project, JOINED)
    .where(
        Task.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        Task.project_id == bindparam("of_project"),
        Task.deleted_at.is_(None),
    )
    .order_by(Task.id)
    .with_for_update(key_share=True, of=Task),
    row=ChangedRow,
)


class DepthRow(TypedDict):
    task_id: UUID
    depth: int


# How many tasks each is below, itself among them; what is not living here is left out.
DEPTHS: Final = prepare_text(
    """
    WITH RECURSIVE above AS (
        SELECT tasks.id AS task_id, tasks.id, tasks.parent_id, 1 AS depth FROM tasks
        WHERE tasks.id = ANY ($task_ids::uuid[]) AND tasks.project_id = $of_project::uuid AND tasks.deleted_at IS NULL
        UNION ALL
        SELECT above.task_id, tasks.id, tasks.parent_id, above.depth + 1
        FROM above JOIN tasks ON tasks.id = above.parent_id
        WHERE above.depth < 20
    )
    SELECT task_id, max(depth) AS depth FROM above GROUP BY task_id
    """,
    row=DepthRow,
)
