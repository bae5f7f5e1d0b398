"""Tasks for whoever has a share link."""

from taskapi.auth.accounts import Device
from taskapi.core.clock import utc_now
from taskapi.core.lists.paging import Slice
from taskapi.core.parts import Parts
from taskapi.projects.share_links import service as share_links
from taskapi.tasks.filters.parameters import asks_for_days
from taskapi.tasks.filters.schemas import SharedTaskFilter
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import service as lists
from taskapi.tasks.lists.meaning.service import Wish

_ANYWHERE = "UTC"


async def list_tasks(
    parts: Parts,
    device: Device,
    token: str,
    password: str | None,
    params: SharedTaskFilter,
) -> Slice:
    """One round trip where the link has no password: only an empty list asks whether there is such a link at all.

    Days are its maker's: a list that asks for them without a `tz` opens the link first.
    """
    timezone = _ANYWHERE
    needs_link = lists.asks_for_fields(params) or (params.tz is None and asks_for_days(params))
    opens_first = password is not None or needs_link
    if opens_first:
        timezone = (await share_links.open_link(parts, device, token, password))["timezone"]
    standpoint = Standpoint(utc_now(), lists.zone_of(params, timezone))

    async def read(note: bool) -> Slice:
        source = share_links.source(token, opened=opens_first, note=note and not opens_first)
        async with parts.database.autocommit() as session:
            return await lists.fetch(session, Wish(params, standpoint, params.sort or "rank"), source)

    found = await parts.database.noting(read)
    if not found.rows and not opens_first:
        await share_links.open_link(parts, device, token, None)
    return found
