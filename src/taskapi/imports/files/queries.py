"""Which files of an archive were brought in before, in SQL."""

from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from taskapi.core.db.statements import One, prepare
from taskapi.models import Attachment

AMONG: Final = prepare(
    select(Attachment.id).where(Attachment.id == any_(bindparam("ids", type_=ARRAY(Uuid)))), row=One[UUID]
)
