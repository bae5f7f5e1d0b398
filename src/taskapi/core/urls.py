"""Where this service is reached: for links in mails, and for a client on the same machine."""

from typing import Final

from taskapi.settings import Settings

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, never listened on


def public_url(settings: Settings) -> str:
    """Links follow the settings alone: a Host header is what a stranger says."""
    return (settings.server.public_url or url_of(settings.server.host, settings.server.port)).rstrip("/")


def url_of(host: str, port: int) -> str:
    """Where a client on this machine finds a server that listens there."""
    host = _EVERYWHERE.get(host) or (f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}"
