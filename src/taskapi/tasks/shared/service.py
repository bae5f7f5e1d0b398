"""Tasks for whoever has a share link."""

from taskapi.auth.service import Device, SignIns
from taskapi.core import pagination
from taskapi.core.pagination import Slice
from taskapi.core.reach import Reach
from taskapi.projects.share_links import service as share_links
from taskapi.tasks import listing
from taskapi.tasks.schemas import SharedTaskFilter


async def list_tasks(
    sign_ins: SignIns,
    device: Device,
    token: str,
    password: str | None,
    params: SharedTaskFilter,
    after: dict[str, str] | None,
) -> Slice:
    """One round trip where the link has no password: only an empty list asks whether there is such a link at all."""
    if password is None:
        found = await _list(sign_ins, token, params, after, Reach.LINK)
        if not found.rows:
            await share_links.open_link(sign_ins, device, token, None)
        return found
    await share_links.open_link(sign_ins, device, token, password)
    return await _list(sign_ins, token, params, after, Reach.UNLOCKED_LINK)


async def _list(
    sign_ins: SignIns, token: str, params: SharedTaskFilter, after: dict[str, str] | None, reach: Reach
) -> Slice:
    values = {**listing.values(params, None, None), **share_links.link_values(token)}
    shape = listing.shape_of(params, None, reach, default_sort="rank")
    async with sign_ins.database.single_statements() as session:
        return await pagination.fetch(
            session,
            params,
            after,
            page=listing.page(shape),
            count=listing.count(shape.filters, shape.project, reach),
            **values,
        )
