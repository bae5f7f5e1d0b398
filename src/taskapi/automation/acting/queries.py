"""What actions name, in SQL."""

from typing import Final

from sqlalchemy import bindparam, func, select

from taskapi.core.db.statements import One, prepare
from taskapi.models import Status

HAS_STATUS: Final = prepare(
    select(func.count()).where(Status.project_id == bindparam("of_project"), Status.key == bindparam("of_key")),
    row=One[int],
)
