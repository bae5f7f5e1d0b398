"""Files for whoever has a share link. The link is opened first: that notes its use, and asks for its password."""

from uuid import UUID

from taskapi.auth.accounts import Device
from taskapi.core.errors import NotFound
from taskapi.core.http import references
from taskapi.core.lists.paging import Slice
from taskapi.core.parts import Parts
from taskapi.core.resources import reading
from taskapi.core.resources.records import Place
from taskapi.projects.share_links import service as share_links
from taskapi.tasks import queries as task_queries
from taskapi.tasks.attachments.queries import ATTACHMENT, ReadableRow
from taskapi.tasks.attachments.schemas import AttachmentFilter
from taskapi.tasks.attachments.shared import queries


async def list_attachments(
    parts: Parts, device: Device, token: str, password: str | None, task: str, params: AttachmentFilter
) -> Slice:
    await share_links.open_link(parts, device, token, password)
    reference = references.task(task)
    async with parts.database.autocommit() as session:
        row = await session.fetch_row(
            queries.task(reference.by), **share_links.shown_by(token), **task_queries.named(reference)
        )
        if row is None:
            raise NotFound("There is no such task, or the link shows none of its files")
        place = Place(row["id"], row["project_id"], None)
        return await reading.page(session, ATTACHMENT, place, params, params.sort)


async def find_attachment(
    parts: Parts, device: Device, token: str, password: str | None, attachment_id: UUID
) -> ReadableRow:
    await share_links.open_link(parts, device, token, password)
    async with parts.database.autocommit() as session:
        row = await session.fetch_row(queries.ONE, **share_links.shown_by(token), attachment_id=attachment_id)
    if row is None:
        raise NotFound("There is no such file, or the link does not show it")
    return row
