"""The way out: which addresses a webhook may have, and what carries requests to them."""

import asyncio
from typing import TYPE_CHECKING, Final

from taskapi.settings import Settings
from taskapi.webhooks.errors import UrlNotAllowed

if TYPE_CHECKING:
    from taskapi.core.outbound import Outbound

SENDING_SECONDS: Final = 15.0
_CHECKING_SECONDS: Final = 5.0  # somebody waits for the answer
# Never what the name leads to: that would let people ask our name server about our own network.
_DETAIL: Final = (
    "It must begin with https:// and lead to public addresses alone, on port 443 or one from 1024 on, without a name "
    "or a password in it; to other networks only where whoever runs this service allows them"
)


async def way_out(settings: Settings, seconds: float = SENDING_SECONDS) -> "Outbound":
    """In a thread, because the first call imports the HTTP client: 40 ms, and 3 MB that few API processes need."""
    return await asyncio.to_thread(_way_out, settings, seconds)


def _way_out(settings: Settings, seconds: float) -> "Outbound":
    from taskapi.core import outbound  # noqa: PLC0415 - as above

    return outbound.Outbound(settings.outbound.allowed_networks, outbound.resolve_by_system, seconds)


async def require_allowed(settings: Settings, url: str) -> None:
    """Asks name servers, so it comes before a transaction. It is asked again with each request that is sent."""
    out = await way_out(settings, _CHECKING_SECONDS)
    from taskapi.core import outbound  # noqa: PLC0415 - imported by now

    try:
        await out.check(url)
    except outbound.UrlNotAllowed:
        raise UrlNotAllowed(_DETAIL, ("/url", "url_not_allowed", _DETAIL)) from None
