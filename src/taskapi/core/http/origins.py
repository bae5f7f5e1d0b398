"""Which pages are ours: browsers let any page ask anything of anybody, and only say where it comes from."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from taskapi.settings import Settings


def is_ours(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether it comes from a page of this service, or of an origin in CORS_ORIGINS; False where no page is named.

    The service's own origin is that of PUBLIC_URL, else the host that was asked.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in settings.security.cors_origins:
        return origin is not None
    if settings.server.public_url is not None:
        own = urlsplit(settings.server.public_url)
        return origin == f"{own.scheme}://{own.netloc}"
    host = connection.headers.get("host")
    return bool(host) and origin in {f"http://{host}", f"https://{host}"}


def may_connect(connection: HTTPConnection, settings: Settings) -> bool:
    """Programs name no origin: they sign in like everybody."""
    return "origin" not in connection.headers or is_ours(connection, settings)
