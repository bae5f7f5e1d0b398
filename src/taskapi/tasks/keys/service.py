"""What a task is called today that had this key before."""

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.http.references import ByKey
from taskapi.tasks.keys import queries
from taskapi.tasks.keys.queries import KeyRow


async def key_of_today(session: DbSession, caller: Caller, former: ByKey) -> str | None:
    """None: no living task that the caller may see ever had it."""
    row: KeyRow | None = await reach.find(
        session, caller, queries.today, Permission.TASK_READ, key=former.key, number=former.number
    )
    return None if row is None else row["now"]
