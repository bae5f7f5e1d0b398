"""Where the API listens, and where to find it then."""

import socket

from taskapi.core.refused import Refused

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, never listened on


def listen(host: str, port: int) -> socket.socket:
    """Bound, and closed to everybody until the server is ready."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise Refused(
            f"cannot listen on {host}:{port} ({error.strerror}): choose another with --host and --port", exit_code=1
        ) from error
    listener.set_inheritable(True)
    return listener


def url_of(host: str, port: int) -> str:
    """Where a client on this machine finds a server that listens there."""
    host = _EVERYWHERE.get(host) or (f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}"
