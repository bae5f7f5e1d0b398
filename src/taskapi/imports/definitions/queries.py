"""What a project has already, by the names that an export calls it by."""

from typing import Final, TypedDict

from taskapi.core.db.statements import prepare_text


class TakenRow(TypedDict):
    kind: str
    name: str


TAKEN: Final = prepare_text(
    """
    SELECT 'status' AS kind, key AS name FROM statuses WHERE project_id = $of_project::uuid
    UNION ALL SELECT 'label', lower(name) FROM labels WHERE project_id = $of_project::uuid
    UNION ALL SELECT 'field', key FROM fields WHERE project_id = $of_project::uuid
    UNION ALL SELECT 'milestone', lower(name) FROM milestones WHERE project_id = $of_project::uuid
    UNION ALL SELECT 'cycle', lower(name) FROM cycles WHERE project_id = $of_project::uuid
    UNION ALL SELECT 'task_template', lower(name) FROM task_templates WHERE project_id = $of_project::uuid
    UNION ALL SELECT 'view', lower(name) FROM views WHERE project_id = $of_project::uuid AND owner_id IS NULL
    """,
    row=TakenRow,
)
