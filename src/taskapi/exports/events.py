"""That somebody took a project out: what they hold then, nobody takes back."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact, creation
from taskapi.core.resources.records import Place


def export_made(project: Place, export_id: UUID, format_: str) -> Fact:
    return Fact("export.made", "export", export_id, creation({"format": format_}), project.project_id, project.key)
