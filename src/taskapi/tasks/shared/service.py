"""Tasks for whoever has a share link."""

from taskapi.auth.accounts import Device
from taskapi.core.access.reach import Reach
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.parts import Parts
from taskapi.projects.share_links import service as share_links
from taskapi.tasks import listing
from taskapi.tasks.schemas import SharedTaskFilter


async def list_tasks(
    parts: Parts,
    device: Device,
    token: str,
    password: str | None,
    params: SharedTaskFilter,
) -> Slice:
    """One round trip where the link has no password: only an empty list asks whether there is such a link at all."""
    if password is None:
        found = await _list(parts, token, params, Reach.LINK)
        if not found.rows:
            await share_links.open_link(parts, device, token, None)
        return found
    await share_links.open_link(parts, device, token, password)
    return await _list(parts, token, params, Reach.UNLOCKED_LINK)


async def _list(parts: Parts, token: str, params: SharedTaskFilter, reach: Reach) -> Slice:
    values = {**listing.values(params, None, None), **share_links.link_values(token)}
    shape = listing.shape_of(params, None, reach, default_sort="rank")
    page = listing.page(shape)
    async with parts.database.autocommit() as session:
        return await paging.fetch(
            session,
            params,
            page=page,
            count=listing.count(shape.filters, shape.project, reach),
            **page.taken_from(values),
        )
