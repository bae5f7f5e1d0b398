"""Which pages may open a WebSocket: browsers let any page connect to anybody, and only say where it comes from."""

from collections.abc import Collection
from urllib.parse import urlsplit


def is_allowed(origin: str | None, host: str | None, public_url: str | None, allowed: Collection[str]) -> bool:
    """Programs send no origin, and sign in like everybody. Ours is that of PUBLIC_URL, else the host that was asked."""
    if origin is None or origin in allowed:
        return True
    if public_url is not None:
        own = urlsplit(public_url)
        return origin == f"{own.scheme}://{own.netloc}"
    return host is not None and urlsplit(origin).netloc == host and origin.startswith(("http://", "https://"))
