"""Statuses in SQL, beside what their record has. The project has been loaded with the caller before."""

from typing import Final

from sqlalchemy import bindparam, exists, select

from taskapi.core.db.statements import One, prepare
from taskapi.core.resources.document import Versioned
from taskapi.models import Status, Task
from taskapi.projects.queries import STATUS

IN_ORDER: Final = prepare(select(*STATUS.shown).where(STATUS.here).order_by(Status.position, Status.id), row=Versioned)
# Who brings a task into it has its row in share by the foreign key: nobody does from here on, and who did is seen.
CLOSE: Final = prepare(select(Status.id).where(Status.id == bindparam("of_id"), STATUS.here).with_for_update())
IS_IN_USE: Final = prepare(
    select(exists().where(Task.project_id == bindparam("project_id"), Task.status == bindparam("key"))),
    row=One[bool],
)
