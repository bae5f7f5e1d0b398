"""Where the bytes of files are, of a project that was loaded for who takes it out."""

from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from taskapi.core.db.statements import prepare
from taskapi.models import Attachment


class ObjectRow(TypedDict):
    id: UUID
    object_id: UUID


# Those that are still there: what was deleted since the snapshot has no bytes.
OBJECTS: Final = prepare(
    select(Attachment.id, Attachment.object_id).where(
        Attachment.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        Attachment.project_id == bindparam("of_project", type_=Uuid),
    ),
    row=ObjectRow,
)
