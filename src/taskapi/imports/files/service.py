"""Files that were stored for a batch are attached to its tasks, in the transaction that writes these."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.imports.children.service import Furnished, file_id
from taskapi.imports.known import Known
from taskapi.imports.records import ImportedFile, ImportedTask, Problem
from taskapi.settings import StorageSettings
from taskapi.tasks.attachments.arrivals import service as arrivals
from taskapi.tasks.attachments.arrivals.service import Arrived
from taskapi.tasks.attachments.service import Received

Stored: TypeAlias = Mapping[tuple[str, str], Received | Problem]
"""By the external ids of the task and of the file: what is in the storage by now, or why it is not."""
COLUMN: Final = "attachments"


async def attach(
    session: DbSession,
    caller: Caller,
    furnished: Sequence[Furnished],
    known: Known,
    stored: Stored,
    limits: StorageSettings,
) -> list[Problem]:
    """Whose they were stays true of those whom the project knows; the others' are of who imports them.

    Nothing but the rows and their facts is written after it.
    """
    now = utc_now()
    problems, arrived, lines = [], [], {}
    for one in furnished:
        for file in one.record.files:
            found = stored.get(key_of(one.record, file))
            if isinstance(found, Problem):
                problems.append(found)
            elif found is not None:
                of_id = file_id(one.task.id, file.external_id)
                author = known.person(file.person) or caller.id
                arrived.append(Arrived(of_id, one.task, found, author, min(file.at or now, now)))
                lines[of_id] = (one.record.line, file.name)
    refused = await arrivals.bring(session, caller, arrived, limits)
    for of_id, why in refused.items():
        line, name = lines[of_id]
        problems.append(left_out(line, name, why.code, why.detail))
    return problems


def key_of(record: ImportedTask, file: ImportedFile) -> tuple[str, str]:
    return record.external_id or "", file.external_id


def left_out(line: int, name: str, code: str, why: str) -> Problem:
    detail = f"The file “{name[:100]}” was left out: {why}"
    return Problem(line, COLUMN, code, detail, is_lost=False)
