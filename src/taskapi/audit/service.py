"""Reading security events, for administrators in a session of theirs."""

from uuid import UUID

from taskapi.audit import queries
from taskapi.audit.audited import AUDITED
from taskapi.audit.schemas import AuditFilter
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.http import references
from taskapi.core.http.references import ById, ByKey
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.resources.document import Document


async def list_audit(session: DbSession, caller: Caller, params: AuditFilter) -> Slice:
    require_admin(caller, Permission.AUDIT_READ)
    values = params.model_dump(include={"actor", "subject", "since", "until"}, exclude_none=True)
    if params.project is not None:
        match references.project(params.project):
            case ById(project_id):
                values["project_id"] = project_id
            case ByKey(key):
                values["project_key"] = key
    filters = frozenset(values)
    page = queries.page(filters, params.rows, continues=params.continues)
    kinds = list(params.kind or AUDITED)
    return await paging.fetch(session, params, page=page, count=queries.count(filters), kinds=kinds, **values)


async def get_audit_event(session: DbSession, caller: Caller, event_id: UUID) -> Document:
    require_admin(caller, Permission.AUDIT_READ)
    row = await session.fetch_row(queries.ONE, of_event=event_id, kinds=list(AUDITED))
    if row is None:
        raise NotFound("There is no such security event")
    # Deleting an account takes its names out of what happened, without a new version.
    return Document.of(row, pure=False)
